using System.Net.WebSockets;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 4, the latest connection wins, on any node; nothing is lost or doubled between the two.</summary>
public abstract class TakeOverTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_newer_connection_of_the_same_user_closes_the_older_one_with_4409(bool onTheOtherNode, bool v1)
    {
        await using var talk = await TalkAsync(v1: v1);

        await using var newer = await SocketClient.ConnectReadyAsync(onTheOtherNode ? Other : Node, Ann, Bob);

        Assert.Equal(4409, await talk.Ann.ClosedAsync());
        await newer.SendMsgAsync("here now", id: 1);
        Assert.Equal("here now", (await talk.Bob.NextAsync("msg")).Text("data"));
    }

    [Fact]
    public async Task Nothing_of_the_older_connection_is_stored_after_the_newer_one_is_ready()
    {
        await using var talk = await TalkAsync();
        for (var round = 0; round < 10; round++)
        {
            await using var older = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
            var storm = SendUntilClosedAsync(older);

            await using var newer = await SocketClient.ConnectAsync(Other, Ann, Bob);
            var ready = await newer.NextAsync("ready");
            await storm;

            // Whatever the store has for Bob now, it had when the newer one was told.
            await using var again = await SocketClient.ConnectAsync(Node, Ann, Bob);
            Assert.Equal(ready.Number("last_id"), (await again.NextAsync("ready")).Number("last_id"));
            Assert.True(older.Of("sent").Select(frame => frame.Number("id")).DefaultIfEmpty().Max() <= ready.Number("last_id"));
        }
    }

    [Fact]
    public async Task Reconnecting_again_and_again_while_the_peer_sends_loses_nothing_and_doubles_nothing()
    {
        const int count = 400;
        await using var talk = await TalkAsync();
        var sending = SendAllAsync(talk.Ann, count);
        var taken = new List<string>();
        var seen = 0L;
        for (var round = 0; seen < count; round++)
        {
            await using var bob = await SocketClient.ConnectAsync(round % 2 == 0 ? Node : Other, Bob, Ann);
            await bob.NextAsync("ready");

            // So that it comes to an end before the number of connections a minute does.
            await Eventually.HoldsAsync("two more, or the last", () => bob.LastSeq >= Math.Min(seen + 2, count));
            foreach (var frame in bob.Of("msg").Where(frame => frame.Number("seq") > seen))
            {
                Assert.Equal(seen + 1, frame.Number("seq"));
                taken.Add(frame.Text("data"));
                seen = frame.Number("seq");
            }

            await bob.AckAsync(seen);
        }

        await sending;
        Assert.Equal(Enumerable.Range(1, count).Select(id => $"{id}"), taken);
    }

    [Fact]
    public async Task Of_many_that_connect_at_once_one_is_left_and_the_others_know_it()
    {
        await using var talk = await TalkAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => TryConnectAsync(i % 2 == 0 ? Node : Other)));
        await using var last = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        foreach (var client in clients.OfType<SocketClient>())
        {
            Assert.Equal(4409, await client.ClosedAsync());
            await client.DisposeAsync();
        }

        await last.SendMsgAsync("the one that is left", id: 1);
        await last.NextAsync("sent");
    }

    /// <summary>Null where another one came first: the store says so before the upgrade.</summary>
    private async Task<SocketClient?> TryConnectAsync(TestNode node)
    {
        try
        {
            return await SocketClient.ConnectAsync(node, Ann, Bob);
        }
        catch (WebSocketException refused) when (refused.Message.Contains("503", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static async Task SendUntilClosedAsync(SocketClient sender)
    {
        var closed = sender.ClosedAsync();
        try
        {
            for (var id = LastId(sender) + 1; !closed.IsCompleted; id++)
            {
                await sender.SendMsgAsync("storm", id);
                await sender.NextAsync("sent");
            }
        }
        catch (Exception e) when (e is Xunit.Sdk.XunitException || SocketClient.IsLoss(e))
        {
            // The older one has been closed; what it was told until then counts.
        }

        Assert.Equal(4409, await closed);
    }

    private static long LastId(SocketClient client) => client.Of("ready").Single().Number("last_id");

    private static async Task SendAllAsync(SocketClient sender, int count)
    {
        for (var id = 1; id <= count; id++)
        {
            await sender.SendMsgAsync($"{id}", id);
            await sender.ExpectAsync("sent", frame => frame.Type == "sent" && frame.Number("id") == id);
        }
    }

    public sealed class OnGarnet(GarnetNode node) : TakeOverTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : TakeOverTests(nodes), IClassFixture<RedisNodes>;
}
