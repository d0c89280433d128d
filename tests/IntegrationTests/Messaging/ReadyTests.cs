using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>What comes on connecting, and how a user sees the peer come and go: the frames <c>presence</c> and <c>ready</c>.</summary>
public abstract class ReadyTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task Presence_comes_first_then_all_that_waited_in_order_then_ready()
    {
        var agreed = await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        for (var id = 1; id <= 150; id++)
        {
            await ann.SendMsgAsync($"{id}", id);
        }

        await ann.ExpectAsync("the last sent", frame => frame.Type == "sent" && frame.Number("seq") == 150);

        await using var bob = await SocketClient.ConnectReadyAsync(Other, Bob, Ann);

        Assert.Equal(["presence", .. Enumerable.Repeat("msg", 150), "ready"], bob.Frames.Select(frame => frame.Type));
        Assert.Equal(Enumerable.Range(1, 150).Select(seq => (long)seq), bob.Seqs());
        Assert.Equal($$"""{"type":"presence","user_id":{{Ann}},"online":true}""", bob.Frames[0].ToString());
        Assert.Equal($$"""{"type":"ready","session":"{{agreed.Session}}","seq":150,"last_id":0,"delivered":0}""", bob.Frames[^1].ToString());
    }

    [Fact]
    public async Task Ready_says_how_far_the_store_got_in_both_directions_and_what_the_peer_acknowledged()
    {
        await using var talk = await TalkAsync();
        foreach (var id in new[] { 1, 2, 3 })
        {
            await talk.Ann.SendMsgAsync("to Bob", id);
        }

        await talk.Bob.ExpectAsync("the third", frame => frame.Type == "msg" && frame.Number("seq") == 3);
        await talk.Bob.AckAsync(2);
        await talk.Ann.NextAsync("delivered");
        await talk.Bob.SendMsgAsync("to Ann", id: 1);
        await talk.Ann.NextAsync("msg");

        await using var again = await SocketClient.ConnectAsync(Other, Ann, Bob);
        var ready = await again.NextAsync("ready");

        Assert.Equal((1L, 3L, 2L), (ready.Number("seq"), ready.Number("last_id"), ready.Number("delivered")));
    }

    [Fact]
    public async Task A_client_that_connects_alone_hears_that_the_peer_is_not_there()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);

        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);

        Assert.Equal([$$"""{"type":"presence","user_id":{{Bob}},"online":false}"""], ann.Of("presence").Select(frame => $"{frame}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Presence_tells_when_the_peer_comes_and_goes_whether_or_not_it_says_goodbye(bool goodbye)
    {
        await using var talk = await TalkAsync();

        if (goodbye)
        {
            await talk.Bob.CloseAsync();
        }
        else
        {
            talk.Bob.Abort();
        }

        Assert.False((await talk.Ann.NextAsync("presence", Eventually.BeforeAbsence)).Json.GetProperty("online").GetBoolean());
        await using var again = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        Assert.True((await talk.Ann.NextAsync("presence")).Json.GetProperty("online").GetBoolean());
    }

    [Fact]
    public async Task A_take_over_does_not_flicker()
    {
        await using var talk = await TalkAsync();
        var before = talk.Ann.Of("presence").Count();
        for (var i = 0; i < 10; i++)
        {
            await using var newer = await SocketClient.ConnectReadyAsync(i % 2 == 0 ? Node : Other, Bob, Ann);
            await using var newest = await SocketClient.ConnectReadyAsync(i % 2 == 0 ? Other : Node, Bob, Ann);
            Assert.Equal(4409, await newer.ClosedAsync());
            await newest.SendMsgAsync("here");
            await talk.Ann.NextAsync("msg");
            Assert.DoesNotContain(talk.Ann.Of("presence").Skip(before), frame => !frame.Json.GetProperty("online").GetBoolean());
            await newest.CloseAsync();
            await talk.Ann.ExpectAsync("gone", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
            before = talk.Ann.Of("presence").Count();
        }
    }

    public sealed class OnGarnet(GarnetNode node) : ReadyTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : ReadyTests(nodes), IClassFixture<RedisNodes>;
}
