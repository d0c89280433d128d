using System.Diagnostics;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 8, drain: not ready, no new upgrades, frames in flight are answered, sockets close with 1001, within 10 s.</summary>
public abstract class DrainTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_node_that_stops_answers_what_is_in_flight_and_closes_all_with_1001_within_ten_seconds()
    {
        await Eventually.OnceWithinAsync("a node has stopped", LongestStop, StopInTheMidstAsync);
    }

    [Fact]
    public async Task A_node_that_stops_is_not_ready_and_upgrades_nobody_while_it_says_goodbye()
    {
        var held = new HeldStop();
        await using var node = await Fixture.StartAnotherAsync(held.AddTo);
        await node.Rest.AgreeAsync(Ann, Bob);
        await using var stop = await held.BeginAsync(node);

        var refused = await IsRefusedAsync(() => SocketClient.ConnectAsync(node, Bob, Ann));
        var ready = await node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);

        Assert.True(refused);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, ready.StatusCode);
    }

    /// <summary>Stops a node while frames are in flight; how long that took.</summary>
    private async Task<TimeSpan> StopInTheMidstAsync()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:FramesPerSecond=0");
        await using var talk = await TalkAsync(node);
        var deaf = Pairs.Fresh();
        await node.Rest.AgreeAsync(deaf.Ann, deaf.Bob);
        using var raw = await RawSocket.UpgradeAsync(node, deaf.Ann, deaf.Bob);
        for (var id = 1; id <= 100; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
        }

        await talk.Ann.NextAsync("sent");
        var watch = Stopwatch.StartNew();
        var stopping = node.StopAsync(TestContext.Current.CancellationToken);
        await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var took = watch.Elapsed;
        if (took > LongestStop)
        {
            return took;
        }

        await stopping;
        Assert.Equal(1001, await talk.Ann.ClosedAsync());
        Assert.Equal(1001, await talk.Bob.ClosedAsync());
        var answered = talk.Ann.Of("sent").Select(frame => frame.Number("id")).ToArray();
        Assert.Equal(Enumerable.Range(1, answered.Length).Select(id => (long)id), answered);
        return took;
    }

    private static async Task<bool> IsRefusedAsync(Func<Task<SocketClient>> connect)
    {
        try
        {
            await using var client = await connect();
            return await client.ClosedAsync() == 1001 && !client.Of("ready").Any();
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            return true;
        }
    }

    public sealed class OnGarnet(GarnetNode node) : DrainTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : DrainTests(nodes), IClassFixture<RedisNodes>;
}
