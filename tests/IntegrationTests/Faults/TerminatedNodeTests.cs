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

        // Every second one was connected to the node, but for those whom a busy one had sent to the other before they were ready.
        var goodbyes = pairs.Clients.SelectMany(GoodbyesOf).ToArray();
        var moved = pairs.Clients.Count(client => client.History.Of(Did.Closed).Any(closed => closed.Connection == 1 && !GoodbyesOf(client).Contains(closed)));
        Assert.All(goodbyes, closed => Assert.Equal(1001, closed.Number));
        Assert.InRange(goodbyes.Length, Math.Max(1, 20 - moved), 20 + moved);
        Assert.Empty(one.Faults.Concat(other.Faults));
    }

    /// <summary>How connections ended that had been ready.</summary>
    private static IEnumerable<Event> GoodbyesOf(CountingClient client)
    {
        var ready = client.History.Of(Did.Ready).Select(happened => happened.Connection).ToHashSet();
        return client.History.Of(Did.Closed).Where(closed => ready.Contains(closed.Connection));
    }
}
