using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 7: all clients of a killed node come to the other one at once.</summary>
[Collection(nameof(FaultSuite))]
public sealed class ReconnectStormTests(SharedRedis redis)
{
    private const int Clients = 1000;

    [Fact]
    public async Task A_thousand_clients_that_come_back_at_once_all_get_in_and_go_on()
    {
        await using var one = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var other = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        Uri[] nodes = [one.BaseAddress, other.BaseAddress];
        await using var pairs = await CountingPairs.ConnectAsync(one.Rest, Clients / 2, nodes, nodes);
        await pairs.FeedAsync(4, () => true);

        // Whom a busy node sent away at first is on the other one already.
        var there = pairs.Clients.Where(client => client.History.Of(Did.Closed).Any()).ToHashSet();
        Assert.InRange(there.Count, 0, Clients - 100);

        await one.KillAsync();
        await pairs.FeedAsync(8, () => true);

        await pairs.AllReadyAsync();
        await pairs.SettleAsync();
        Assert.All(pairs.Clients.Except(there), client => Assert.Contains(CountingLink.Lost, client.History.Of(Did.Closed).Select(closed => (int)closed.Number)));
        Assert.Empty(other.Faults);
    }
}
