using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>A side ends what the pair has.</summary>
public abstract class EndSessionTests(NodeFixture fixture)
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private TestNode Node => fixture.Node;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task Either_side_ends_the_session_for_both_and_their_sockets_close_with_4403()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);

        var ended = await Node.Rest.EndAsync(Bob, Ann);

        Assert.Equal((0, "{}"), (ended.Code, ended.Data.GetRawText()));
        Assert.Equal(4403, await ann.ClosedAsync());
        Assert.Equal(4403, await bob.ClosedAsync());
        Assert.Equal(40301, (await Node.Rest.SessionAsync(Ann, Bob)).Code);
    }

    [Fact]
    public async Task Ending_is_idempotent_and_needs_nothing_to_end()
    {
        Assert.Equal(0, (await Node.Rest.EndAsync(Ann, Bob)).Code);
        Assert.Equal(0, (await Node.Rest.EndAsync(Ann, Bob)).Code);
    }

    [Fact]
    public async Task Ending_takes_an_open_handshake_with_it()
    {
        var opened = await Node.Rest.ExchangeAsync(Ann, Bob);

        await Node.Rest.EndAsync(Bob, Ann);

        var next = await Node.Rest.ExchangeAsync(Bob, Ann);
        Assert.Equal((0L, Bob), (next.Number("is_read"), next.Number("from_user_id")));
        Assert.NotEqual(opened.Text("im_key"), next.Text("im_key"));
    }

    [Fact]
    public async Task Ending_takes_the_completed_answer_with_it()
    {
        var agreed = await Node.Rest.AgreeAsync(Ann, Bob);

        await Node.Rest.EndAsync(Ann, Bob);

        var next = await Node.Rest.ExchangeAsync(Ann, Bob);
        Assert.Equal(0, next.Number("is_read"));
        Assert.NotEqual(agreed.Key, next.Text("im_key"));
    }

    [Fact]
    public async Task With_a_session_only_that_one_is_ended()
    {
        var older = await Node.Rest.AgreeAsync(Ann, Bob);
        await Node.Rest.EndAsync(Ann, Bob);
        var present = await Node.Rest.AgreeAsync(Ann, Bob);

        Assert.Equal(0, (await Node.Rest.EndAsync(Bob, Ann, older.Session)).Code);
        Assert.Equal(present.Session, (await Node.Rest.SessionAsync(Ann, Bob)).Text("im_session"));

        Assert.Equal(0, (await Node.Rest.EndAsync(Bob, Ann, present.Session)).Code);
        Assert.Equal(40301, (await Node.Rest.SessionAsync(Ann, Bob)).Code);
    }

    [Fact]
    public async Task Ending_a_session_leaves_a_newer_handshake_that_somebody_has_opened()
    {
        var agreed = await Node.Rest.AgreeAsync(Ann, Bob);
        await using (await SocketClient.ConnectReadyAsync(Node, Ann, Bob))
        await using (await SocketClient.ConnectReadyAsync(Node, Bob, Ann))
        {
            var newer = await Node.Rest.ExchangeAsync(Ann, Bob);

            await Node.Rest.EndAsync(Bob, Ann, agreed.Session);

            Assert.Equal(newer.Text("im_key"), (await Node.Rest.ExchangeAsync(Bob, Ann)).Text("im_key"));
        }
    }

    [Fact]
    public async Task An_empty_session_is_an_absent_one_as_at_the_websocket()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);

        Assert.Equal(0, (await Node.Rest.SendAsync(HttpMethod.Delete, $"/im/sessions/{Bob}?session=", Ann)).Code);

        Assert.Equal(40301, (await Node.Rest.SessionAsync(Ann, Bob)).Code);
    }

    [Fact]
    public async Task A_malformed_peer_or_session_is_said_for_both_at_once()
    {
        var refused = await Node.Rest.SendAsync(HttpMethod.Delete, "/im/sessions/0?session=nonsense", Ann);

        Assert.Equal(40000, refused.Code);
        Assert.Equal(["session", "to_user_id"], refused.FaultyFields.Order());
    }

    public sealed class OnGarnet(GarnetNode node) : EndSessionTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : EndSessionTests(node), IClassFixture<RedisNode>;
}
