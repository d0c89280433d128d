using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>The frames <c>ack</c>, <c>delivered</c>, <c>signal</c> and <c>auth</c> of <c>im.v1</c>.</summary>
public abstract class ClientFrameTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task An_acknowledgement_is_cumulative_and_the_sender_hears_delivered()
    {
        await using var talk = await TalkAsync();
        await SendAsync(talk.Ann, 5);
        await talk.Bob.ExpectAsync("the fifth", frame => frame.Type == "msg" && frame.Number("seq") == 5);

        await talk.Bob.AckAsync(3);

        Assert.Equal("""{"type":"delivered","seq":3}""", (await talk.Ann.NextAsync("delivered")).ToString());
        await using var again = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        Assert.Equal([4, 5], again.Seqs());
    }

    [Fact]
    public async Task A_lower_acknowledgement_is_ignored()
    {
        await using var talk = await TalkAsync();
        await SendAsync(talk.Ann, 3);
        await talk.Bob.ExpectAsync("the third", frame => frame.Type == "msg" && frame.Number("seq") == 3);
        await talk.Bob.AckAsync(2);
        await talk.Ann.NextAsync("delivered");

        await talk.Bob.AckAsync(1);
        await talk.Bob.AckAsync(0);
        await talk.Bob.SettleAsync();

        Assert.Single(talk.Bob.Of("error"));
        await using var again = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        Assert.Equal([3], again.Seqs());
        Assert.Single(talk.Ann.Of("delivered"));
    }

    [Fact]
    public async Task An_acknowledgement_beyond_what_was_sent_is_refused_and_acknowledges_nothing()
    {
        await using var talk = await TalkAsync();
        await SendAsync(talk.Ann, 1);
        await talk.Bob.NextAsync("msg");

        await talk.Bob.AckAsync(2);

        (await talk.Bob.NextAsync("error")).IsRefusal(40002, "ack");
        await using var again = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        Assert.Equal([1], again.Seqs());
    }

    [Fact]
    public async Task A_signal_reaches_a_connected_peer_from_its_real_sender_and_takes_no_seq()
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SignalAsync("typing");

        Assert.Equal($$"""{"type":"signal","data":"typing","from_user_id":{{Ann}}}""", (await talk.Bob.NextAsync("signal")).ToString());
        await talk.Ann.SendMsgAsync("hello", id: 1);
        Assert.Equal(1, (await talk.Bob.NextAsync("msg")).Number("seq"));
        Assert.Empty(talk.Ann.Of("error"));
    }

    [Fact]
    public async Task A_signal_to_a_peer_who_is_not_connected_is_dropped_and_never_stored()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await ann.SignalAsync("nobody there");
        await ann.SendMsgAsync("behind it", id: 1);
        await ann.NextAsync("sent");

        await using var bob = await SocketClient.ConnectReadyAsync(Other, Bob, Ann);
        await ann.SignalAsync("now");

        Assert.Equal("now", (await bob.NextAsync("signal")).Text("data"));
        Assert.Equal([1], bob.Seqs());
        Assert.Single(bob.Of("signal"));
    }

    [Fact]
    public async Task A_fresh_token_is_answered_authenticated_with_its_expiry()
    {
        await using var talk = await TalkAsync();
        var twoHours = TimeSpan.FromHours(2);
        var before = DateTimeOffset.UtcNow;
        var token = TestNode.Mint(Ann, twoHours);
        var after = DateTimeOffset.UtcNow;

        await talk.Ann.AuthAsync(token);

        // A token says it in whole seconds.
        Assert.InRange((await talk.Ann.NextAsync("authenticated")).Number("expires_at"), (before + twoHours).AddSeconds(-1).ToUnixTimeMilliseconds(), (after + twoHours).ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("another user's")]
    [InlineData("expired")]
    [InlineData("nonsense")]
    public async Task A_token_that_is_not_valid_or_not_ones_own_is_refused_and_changes_nothing(string token)
    {
        await using var talk = await TalkAsync();

        await talk.Ann.AuthAsync(token switch
        {
            "another user's" => TestNode.Mint(Bob),
            "expired" => TestNode.Mint(Ann, TimeSpan.FromMinutes(-1)),
            _ => token,
        });

        (await talk.Ann.NextAsync("error")).IsRefusal(40100, "auth");
        await talk.Ann.SendMsgAsync("still Ann", id: 1);
        Assert.Equal(Ann, (await talk.Bob.NextAsync("msg")).Number("from_user_id"));
    }

    private static async Task SendAsync(SocketClient sender, int count)
    {
        for (var id = 1; id <= count; id++)
        {
            await sender.SendMsgAsync($"{id}", id);
        }
    }

    public sealed class OnGarnet(GarnetNode node) : ClientFrameTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : ClientFrameTests(nodes), IClassFixture<RedisNodes>;
}
