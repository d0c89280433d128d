using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Limits;

/// <summary>While the store does not answer, or answers late, each node has its own limit: nobody gets everything, nobody nothing.</summary>
public sealed class AwayStoreTests(SharedRedis redis) : IAsyncLifetime
{
    /// <summary>What a call waits for the count at most is a quarter of a second, and a login asks twice; another call waits for a second and a half.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private StallingProxy _proxy = null!;
    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = new StallingProxy(redis.Server.Port);
        _node = await TestNode.StartAsync(_proxy.ConnectionString, "--Limits:LoginsPerMinute=3", "--Limits:RequestsPerMinute=3");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Theory]
    [InlineData(nameof(Flow.Hold), 0)]
    [InlineData(nameof(Flow.Delay), 400)]
    public async Task Who_logs_in_needs_no_store_and_is_limited_by_the_node_alone(string flow, int milliseconds)
    {
        // What passwords cost on this machine, at this moment.
        var began = OwnTime.Clock.GetTimestamp();
        await LogInAsync($"user {_pair.Bob}", 3);
        var cost = OwnTime.Clock.GetElapsedTime(began);

        _proxy.Set(Enum.Parse<Flow>(flow), TimeSpan.FromMilliseconds(milliseconds));
        var codes = await OwnTime.WithinAsync(Patience + (3 * cost), () => LogInAsync($"user {_pair.Ann}", 5));

        Assert.Equal([40101, 40101, 40101, 42900, 42900], codes);
    }

    private async Task<List<int>> LogInAsync(string name, int times)
    {
        var codes = new List<int>();
        for (var i = 0; i < times; i++)
        {
            codes.Add((await _node.Rest.LogInAsync(name, null, "no password of anybody")).Code);
        }

        return codes;
    }

    [Fact]
    public async Task Calls_are_told_that_the_store_is_away_until_the_nodes_own_limit_says_more()
    {
        _proxy.Set(Flow.Hold);
        var codes = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            codes.Add((await _node.Rest.SessionAsync(_pair.Ann, _pair.Bob)).Code);
        }

        Assert.Equal([50300, 50300, 50300, 42900, 42900], codes);
    }

    [Fact]
    public async Task When_it_answers_again_it_counts_for_all_nodes_again()
    {
        _proxy.Set(Flow.Hold);
        Assert.Equal(50300, (await _node.Rest.SessionAsync(_pair.Ann, _pair.Bob)).Code);
        _proxy.Set(Flow.Pass);
        await Eventually.HoldsAsync("the store is back", async () => (await _node.Rest.SessionAsync(Pairs.User(), _pair.Bob)).Code == 40301);
        await using var other = await TestNode.StartPatientAsync(redis.Server.ConnectionString, "--Limits:RequestsPerMinute=3");

        // A count that comes too late on a busy machine is none; whoever is refused by this node at the first call was counted on the other.
        await Eventually.HoldsAsync("whom the other node has counted this one refuses", async () =>
        {
            var user = Pairs.User();
            for (var i = 0; i < 3; i++)
            {
                await other.Rest.SessionAsync(user, _pair.Bob);
            }

            return (await _node.Rest.SessionAsync(user, _pair.Bob)).Code == 42900;
        });
    }
}
