using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 4, the latest connection wins, while two connections of one user throw each other out on two nodes.</summary>
/// <remarks><c>IM_FAULT_SECONDS</c> is for how long.</remarks>
[Collection(nameof(FaultSuite))]
public sealed class RacingConnectionsTests(SharedRedis redis)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(LongRun.Of("IM_FAULT_SECONDS", 10));

    [Fact]
    public async Task Two_connections_of_one_user_that_race_on_two_nodes_are_never_both_alive_and_lose_and_double_nothing()
    {
        string[] settings = ["--Limits:RequestsPerMinute=0"];
        await using var one = await TestNode.StartAsync(redis.Server.ConnectionString, settings);
        await using var other = await TestNode.StartAsync(redis.Server.ConnectionString, settings);
        Uri[] nodes = [one.BaseAddress, other.BaseAddress];
        await using var pairs = await CountingPairs.ConnectAsync(one.Rest, 3, nodes, nodes);
        foreach (var client in pairs.Clients)
        {
            client.Connect([.. nodes.Reverse()]);
        }

        var until = DateTime.UtcNow + Length;
        await pairs.FeedAsync(0, () => DateTime.UtcNow > until);

        await pairs.SettleAsync();
        var races = pairs.Clients.Sum(client => client.History.Of(Did.Closed).Count(closed => closed.Number == 4409));
        Console.WriteLine($"{races} times one connection threw out another in {Length.TotalSeconds:F0} s, {pairs.Answered} messages: 0 lost, 0 doubled, never two alive for more than {HistoryChecker.MaxOverlap.TotalSeconds:F0} s.");
        Assert.All(pairs.Clients, client => Assert.True(client.History.Of(Did.Closed).Count(closed => closed.Number == 4409) > 5, "They did not race."));
    }
}
