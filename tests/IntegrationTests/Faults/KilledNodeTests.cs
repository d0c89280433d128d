using System.Diagnostics;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 7 with promises 1 to 3: nodes die under load, and no message is lost, doubled or out of order.</summary>
/// <remarks><c>IM_FAULT_MESSAGES</c> makes it the long run: so many messages among fifty pairs, slowly enough for many kills.</remarks>
[Collection(nameof(FaultSuite))]
public sealed class KilledNodeTests(SharedRedis redis)
{
    private static readonly int Messages = LongRun.Of("IM_FAULT_MESSAGES", 0);

    [Fact]
    public async Task Nodes_that_are_killed_under_load_lose_nothing_double_nothing_and_keep_the_order()
    {
        var watch = Stopwatch.StartNew();
        await using var one = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var other = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        Uri[] nodes = [one.BaseAddress, other.BaseAddress];
        var count = Messages > 0 ? 50 : 20;
        await using var pairs = await CountingPairs.ConnectAsync(one.Rest, count, nodes, [.. nodes.Reverse()]);

        // The sender's node, the receiver's, both; and so on while messages are left.
        NodeProcess[][] victims = [[one], [other], [one, other]];
        var kills = 0;
        var feeding = Messages > 0
            ? pairs.FeedAsync((Messages + (2 * count) - 1) / (2 * count), () => true, TimeSpan.FromMilliseconds(300))
            : pairs.FeedAsync(0, () => Volatile.Read(ref kills) >= victims.Length);
        while (!feeding.IsCompleted)
        {
            await Task.WhenAny(feeding, Task.Delay(Messages > 0 ? 2000 : 700, TestContext.Current.CancellationToken));
            var killed = victims[kills % victims.Length];
            await Task.WhenAll(killed.Select(node => node.KillAsync()));
            await Task.WhenAll(killed.Select(node => node.RestartAsync()));
            kills++;
        }

        await feeding;
        await pairs.SettleAsync();
        Assert.Empty(one.Faults.Concat(other.Faults));
        if (Messages > 0)
        {
            var lost = pairs.Clients.Sum(client => client.History.Of(Did.Closed).Count());
            Console.WriteLine($"{pairs.Answered} messages among {count} pairs in {watch.Elapsed.TotalSeconds:F0} s, {kills} times one node or both killed, {lost} connections lost or refused: 0 lost, 0 doubled, 0 out of order.");
        }
    }
}
