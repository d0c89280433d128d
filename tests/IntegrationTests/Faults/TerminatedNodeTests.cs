using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 8, drain, of a real process under load.</summary>
[Collection(nameof(FaultSuite))]
public sealed class TerminatedNodeTests(SharedRedis redis)
{
    [Fact]
    public async Task A_node_told_to_stop_under_load_says_1001_to_every_socket_and_exits_with_0_within_ten_seconds()
    {
        await using var one = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var other = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var pairs = await CountingPairs.ConnectAsync(one.Rest, 20, [one.BaseAddress, other.BaseAddress], [other.BaseAddress, one.BaseAddress]);
        var stopped = false;
        var feeding = pairs.FeedAsync(100, () => Volatile.Read(ref stopped));
        await Eventually.HoldsAsync("all have begun", () => pairs.Clients.All(client => client.Delivered > 5));

        var (status, took) = await one.TerminateAsync();
        Volatile.Write(ref stopped, true);
        await feeding;

        Assert.Equal(0, status);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await pairs.SettleAsync();

        // Every second one was connected to the node, by its first connection.
        var goodbyes = pairs.Clients.Select(client => client.History.Of(Did.Closed).Where(closed => closed.Connection == 1).Select(closed => (int)closed.Number).ToArray()).ToArray();
        Assert.Equal(20, goodbyes.Count(codes => codes is [1001]));
        Assert.Equal(20, goodbyes.Count(codes => codes is []));
        Assert.Empty(one.Faults.Concat(other.Faults));
    }
}
