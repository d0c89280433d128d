using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Twenty pairs, spread over the shards of a cluster, each with its two users on two nodes.</summary>
public sealed class ClusterTests(ClusterNode fixture) : IClassFixture<ClusterNode>
{
    [Fact]
    public async Task Pairs_on_all_shards_talk_see_each_other_take_over_and_end_by_publications_alone()
    {
        await using var one = await fixture.StartAnotherAsync(Unswept.Start);
        await using var other = await fixture.StartAnotherAsync(Unswept.Start);
        var pairs = Enumerable.Range(0, 20).Select(_ => Pairs.Fresh()).ToArray();
        await using var store = await StoreView.ConnectAsync(fixture.Node);
        await Eventually.HoldsAsync(
            "the pairs spread over three shards, and this connection knows them all",
            () => pairs.Select(pair => store.Database.IdentifyEndpoint(HandshakeKey(pair))).Distinct().Count() == 3);

        await Task.WhenAll(pairs.Select(pair => TalkAsync(one, other, pair)));
    }

    [Fact]
    public async Task A_held_back_exchange_is_answered_when_the_peer_comes_on_another_node()
    {
        await using var other = await fixture.StartAnotherAsync();
        var pairs = Enumerable.Range(0, 6).Select(_ => Pairs.Fresh()).ToArray();
        await using var store = await StoreView.ConnectAsync(fixture.Node);
        var held = pairs.Select(pair => fixture.Node.Rest.ExchangeAsync(pair.Ann, pair.Bob, wait: 30)).ToArray();
        await Task.WhenAll(pairs.Select(pair => Eventually.HoldsAsync("the handshake is open", () => store.Database.KeyExistsAsync(HandshakeKey(pair)))));

        await Task.WhenAll(pairs.Select(pair => other.Rest.ExchangeAsync(pair.Bob, pair.Ann)));

        // Before the time of any of them is up.
        var answers = await Task.WhenAll(held).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.All(answers, answer => Assert.Equal(1, answer.Number("is_read")));
    }

    [Fact]
    public async Task Publications_stay_within_their_shard()
    {
        var pair = Pairs.Fresh();
        await fixture.Node.Rest.AgreeAsync(pair.Ann, pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(fixture.Node, pair.Ann, pair.Bob);
        var channel = $"im:{{{pair.Ann}_{pair.Bob}}}:to:{pair.Ann}";

        await using var store = await StoreView.ConnectAsync(fixture.Node);
        var counts = await store.ShardSubscribersAsync(channel);

        Assert.Equal([0, 0, 1], counts.Order());
    }

    [Fact]
    public async Task A_node_on_a_cluster_is_ready() =>
        Assert.True((await fixture.Node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode);

    private static async Task TalkAsync(TestNode one, TestNode other, (long Ann, long Bob) pair)
    {
        await one.Rest.AgreeAsync(pair.Ann, pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(one, pair.Ann, pair.Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(other, pair.Bob, pair.Ann);
        await ann.ExpectAsync("Bob's presence", frame => frame.Type == "presence" && frame.Json.GetProperty("online").GetBoolean());

        for (var id = 1; id <= 20; id++)
        {
            await ann.SendMsgAsync($"to bob {id}", id);
            await bob.SendMsgAsync($"to ann {id}", id);
            await ann.ExpectAsync($"message {id}", frame => frame.Type == "msg" && frame.Number("seq") == id);
            await bob.ExpectAsync($"message {id}", frame => frame.Type == "msg" && frame.Number("seq") == id);
        }

        await bob.AckAsync(20);
        await ann.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == 20);
        await ann.SignalAsync("typing");
        await bob.NextAsync("signal");

        await using var newer = await SocketClient.ConnectReadyAsync(one, pair.Bob, pair.Ann);
        Assert.Equal(4409, await bob.ClosedAsync());
        await ann.SendMsgAsync("to the newer one", id: 21);
        await newer.ExpectAsync("message 21", frame => frame.Type == "msg" && frame.Number("seq") == 21);

        await newer.CloseAsync();
        await ann.ExpectAsync("Bob's absence", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
        await other.Rest.EndAsync(pair.Bob, pair.Ann);
        Assert.Equal(4403, await ann.ClosedAsync());
    }

    private static string HandshakeKey((long Ann, long Bob) pair) => $"im:{{{pair.Ann}_{pair.Bob}}}:handshake";
}
