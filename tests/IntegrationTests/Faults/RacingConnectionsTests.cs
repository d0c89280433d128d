using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 4, the latest connection wins, while two connections of one user throw each other out on two nodes.</summary>
/// <remarks><c>IM_FAULT_SECONDS</c> is for how long.</remarks>
[Collection(nameof(FaultSuite))]
public sealed class RacingConnectionsTests(SharedRedis redis)
{
    /// <summary>So often each client at least.</summary>
    private const int Races = 6;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(LongRun.Of("IM_FAULT_SECONDS", 10));

    [Fact]
    public async Task Two_connections_of_one_user_that_race_on_two_nodes_are_never_both_alive_and_lose_and_double_nothing()
    {
        string[] settings = ["--Limits:RequestsPerMinute=0"];
        await using var one = await TestNode.StartPatientAsync(redis.Server.ConnectionString, settings);
        await using var other = await TestNode.StartPatientAsync(redis.Server.ConnectionString, settings);
        Uri[] nodes = [one.BaseAddress, other.BaseAddress];
        await using var pairs = await CountingPairs.ConnectAsync(one.Rest, 3, nodes, nodes);
        foreach (var client in pairs.Clients)
        {
            client.Connect([.. nodes.Reverse()]);
        }

        // A slow machine takes longer for so many.
        var until = DateTime.UtcNow + Length;
        var atLast = until + (4 * Eventually.Deadline);
        await pairs.FeedAsync(0, () => DateTime.UtcNow > until && (DateTime.UtcNow > atLast || pairs.Clients.All(client => RacesOf(client) >= Races)));

        await pairs.SettleAsync();
        var races = pairs.Clients.Sum(RacesOf);
        Console.WriteLine($"{races} times one connection threw out another in {Length.TotalSeconds:F0} s, {pairs.Answered} messages: 0 lost, 0 doubled, never two alive for more than {HistoryChecker.MaxOverlap.TotalSeconds:F0} s.");
        Assert.All(pairs.Clients, client => Assert.True(RacesOf(client) >= Races, "They did not race."));
    }

    private static int RacesOf(CountingClient client) => client.History.Of(Did.Closed).Count(closed => closed.Number == 4409);
}
