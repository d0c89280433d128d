using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 5, bounded: a queue has an end, and a slow reader costs nobody else anything.</summary>
public abstract class BoundsTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Theory]
    [InlineData(10, 4 * 1024 * 1024, 1)]
    [InlineData(1000, 70_000, 6_500)]
    public async Task A_full_queue_refuses_and_what_it_refused_is_accepted_once_there_is_room(int messages, int bytes, int size)
    {
        await using var node = await Fixture.StartAnotherAsync($"--Messaging:MaxQueuedMessages={messages}", $"--Messaging:MaxQueuedBytes={bytes}");
        await using var talk = await TalkAsync(node);
        var data = new string('x', size);
        for (var id = 1; id <= 10; id++)
        {
            await talk.Ann.SendMsgAsync(data, id);
        }

        await talk.Ann.ExpectAsync("the tenth", frame => frame.Type == "sent" && frame.Number("id") == 10);
        await talk.Ann.SendMsgAsync(data, id: 11);
        await talk.Ann.SendMsgAsync(data, id: 12);

        Assert.Equal(11, (await talk.Ann.NextAsync("error")).IsRefusal(42901, "msg").Number("id"));
        Assert.Equal(11, (await talk.Ann.NextAsync("error")).IsRefusal(40902, "msg").Number("expected"));
        await talk.Bob.ExpectAsync("the tenth", frame => frame.Type == "msg" && frame.Number("seq") == 10);
        await talk.Bob.AckAsync(1);
        await talk.Ann.NextAsync("delivered");
        await talk.Ann.SendMsgAsync(data, id: 11);
        Assert.False((await talk.Ann.NextAsync("sent")).Has("duplicate"));
        await talk.Bob.ExpectAsync("the refused one", frame => frame.Type == "msg" && frame.Number("seq") == 11);
        Assert.Equal(Enumerable.Range(1, 11).Select(seq => (long)seq), talk.Bob.Seqs());
    }

    [Fact]
    public async Task A_queue_holds_a_thousand_messages_by_default()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:FramesPerSecond=0");
        await node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
        for (var id = 1; id <= 1001; id++)
        {
            await ann.SendMsgAsync($"{id}", id);
        }

        Assert.Equal(1001, (await ann.NextAsync("error")).IsRefusal(42901, "msg").Number("id"));
        Assert.Equal(1000, ann.Of("sent").Count());
        await using var bob = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
        Assert.Equal(1000, bob.Seqs().Count());
        await bob.AckAsync(1000);
        await ann.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == 1000);
        await ann.SendMsgAsync("1001", id: 1001);
        Assert.Equal(1001, (await bob.NextAsync("msg")).Number("seq"));
    }

    [Fact]
    public async Task A_queue_holds_4_MiB_by_default()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        var data = new string('x', 65_000);
        var fits = 4 * 1024 * 1024 / (65_000 + 250);
        for (var id = 1; id <= fits + 1; id++)
        {
            await ann.SendMsgAsync(data, id);
        }

        Assert.Equal(fits + 1, (await ann.NextAsync("error")).IsRefusal(42901, "msg").Number("id"));
        await using var bob = await SocketClient.ConnectReadyAsync(Other, Bob, Ann);
        Assert.Equal(fits, bob.Seqs().Count());
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_cut_off_with_4408_in_the_log_and_loses_nothing_nor_delays_others()
    {
        await using var node = await Fixture.StartAnotherAsync("--Messaging:SendTimeout=00:00:01", "--Limits:FramesPerSecond=0");
        var carol = Pairs.User();
        await node.Rest.AgreeAsync(Ann, Bob);
        await node.Rest.AgreeAsync(Ann, carol);
        await using var bob = await SocketClient.ConnectAsync(node, Bob, Ann, new Upgrade { Reads = false });
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
        await using var annToCarol = await SocketClient.ConnectReadyAsync(node, Ann, carol);
        await using var carols = await SocketClient.ConnectReadyAsync(node, carol, Ann);
        var data = new string('x', 65_000);
        var sent = 0;
        for (; !ann.Of("error").Any() && sent < 64; sent++)
        {
            await ann.SendMsgAsync(data, sent + 1);
            await annToCarol.SendMsgAsync("undelayed", sent + 1);
            await carols.ExpectAsync("what others say", frame => frame.Type == "msg");
        }

        await ann.ExpectAsync("Bob's going", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
        await Eventually.HoldsAsync(
            "the log says so", () => node.Logs.Lines.Any(line => line.Text.StartsWith($"The connection of user {Bob} was lost (4408).", StringComparison.Ordinal)));
        await ann.SettleAsync();
        await using var again = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
        Assert.Equal(Enumerable.Range(1, ann.Of("sent").Count()).Select(seq => (long)seq), again.Seqs());
    }

    public sealed class OnGarnet(GarnetNode node) : BoundsTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : BoundsTests(nodes), IClassFixture<RedisNodes>;
}
