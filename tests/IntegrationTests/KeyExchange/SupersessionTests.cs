using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>When the key goes, and what a newer handshake does to a session that is there.</summary>
public abstract class SupersessionTests(NodeFixture fixture)
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private TestNode Node => fixture.Node;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task The_key_is_wiped_the_moment_both_sides_have_connected_even_if_never_together()
    {
        var agreed = await Node.Rest.AgreeAsync(Ann, Bob);
        await using (await SocketClient.ConnectReadyAsync(Node, Ann, Bob))
        {
        }

        Assert.Equal(agreed.Key, (await Node.Rest.ExchangeAsync(Bob, Ann)).Text("im_key"));
        await using (await SocketClient.ConnectReadyAsync(Node, Bob, Ann))
        {
        }

        var next = await Node.Rest.ExchangeAsync(Bob, Ann);
        Assert.Equal(0, next.Number("is_read"));
        Assert.NotEqual(agreed.Key, next.Text("im_key"));
        Assert.Equal(agreed.Session, (await Node.Rest.SessionAsync(Ann, Bob)).Text("im_session"));
    }

    [Fact]
    public async Task One_side_connecting_again_and_again_wipes_nothing()
    {
        var agreed = await Node.Rest.AgreeAsync(Ann, Bob);
        for (var i = 0; i < 3; i++)
        {
            await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        }

        Assert.Equal(agreed.Key, (await Node.Rest.ExchangeAsync(Bob, Ann)).Text("im_key"));
    }

    [Fact]
    public async Task A_handshake_that_only_one_side_asks_for_ends_nothing_and_the_connected_peer_is_told()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);

        await Node.Rest.ExchangeAsync(Ann, Bob);

        Assert.Equal(Ann, (await bob.NextAsync("handshake")).Number("user_id"));
        await ann.SendMsgAsync("still there?", id: 1);
        Assert.Equal("still there?", (await bob.NextAsync("msg")).Text("data"));
        Assert.DoesNotContain(ann.Frames, frame => frame.Type == "handshake");
    }

    [Fact]
    public async Task Completing_a_newer_handshake_closes_the_older_sessions_sockets_with_4403_and_wipes_what_waited()
    {
        var older = await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using (var bob = await SocketClient.ConnectReadyAsync(Node, Bob, Ann))
        {
            await bob.CloseAsync();
        }

        await ann.SendMsgAsync("never delivered", id: 1);
        await ann.NextAsync("sent");

        var newer = await Node.Rest.AgreeAsync(Bob, Ann);

        Assert.NotEqual(older, newer);
        Assert.Equal(4403, await ann.ClosedAsync());
        await using var again = await SocketClient.ConnectAsync(Node, Bob, Ann, new Upgrade { Session = newer.Session });
        Assert.Equal(0, (await again.NextAsync("ready")).Number("seq"));
        Assert.DoesNotContain(again.Frames, frame => frame.Type == "msg");
    }

    [Fact]
    public async Task The_older_sessions_name_opens_no_socket_any_more()
    {
        var older = await Node.Rest.AgreeAsync(Ann, Bob);
        await Node.Rest.EndAsync(Ann, Bob);
        await Node.Rest.AgreeAsync(Ann, Bob);

        var refused = await RefusedUpgrade.AskAsync(Node, Ann, $"to_user_id={Bob}&session={older.Session}");

        Assert.Equal((403, 40301), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_peer_who_connects_later_is_told_of_the_handshake_that_waits_for_them()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using (await SocketClient.ConnectReadyAsync(Node, Bob, Ann))
        {
        }

        await Node.Rest.ExchangeAsync(Ann, Bob);

        await using var bob = await SocketClient.ConnectAsync(Node, Bob, Ann);
        Assert.Equal(Ann, (await bob.NextAsync("handshake")).Number("user_id"));
    }

    public sealed class OnGarnet(GarnetNode node) : SupersessionTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : SupersessionTests(node), IClassFixture<RedisNode>;
}
