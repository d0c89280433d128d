using Im.WebApi.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Limits;

/// <summary>A limit across nodes: what the store decides, what a node decides by itself, and when.</summary>
public sealed class SharedRateTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CountingStore _store;

    public SharedRateTests() => _store = new CountingStore(_clock);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_together_allow_no_more_than_the_limit()
    {
        SharedRate[] nodes = [Node(4), Node(4)];

        Assert.Equal(4, await TakenAsync(nodes, 20));
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1, await TakenAsync(nodes, 20));
    }

    [Fact]
    public async Task Who_has_used_up_everything_is_refused_without_the_store()
    {
        var node = Node(4);
        await TakenAsync([node], 4);
        _store.Asked.Clear();

        Assert.Equal(TimeSpan.FromSeconds(15), await node.TakeAsync("ann", Cancelled));
        Assert.Empty(_store.Asked);
        Assert.Null(await node.TakeAsync("bob", Cancelled));
    }

    [Fact]
    public async Task What_the_store_has_refused_the_node_refuses_by_itself_until_the_very_moment_it_may_happen()
    {
        var (one, other) = (Node(4), Node(4));
        await TakenAsync([one], 4);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(10), await other.TakeAsync("ann", Cancelled));
        _store.Asked.Clear();

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(1), await other.TakeAsync("ann", Cancelled));
        Assert.Empty(_store.Asked);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await other.TakeAsync("ann", Cancelled));
        Assert.Single(_store.Asked);
    }

    [Fact]
    public async Task While_the_store_is_away_each_node_allows_its_own_number_and_no_more()
    {
        _store.IsAway = true;

        Assert.Equal(4, await TakenAsync([Node(4)], 20));
        Assert.Equal(8, await TakenAsync([Node(4), Node(4)], 20));
    }

    [Fact]
    public async Task What_happened_while_the_store_was_away_counts_on_its_node_when_it_is_back()
    {
        _store.IsAway = true;
        var node = Node(4);
        await TakenAsync([node], 3);
        _store.IsAway = false;

        Assert.Equal(1, await TakenAsync([node], 20));
    }

    [Fact]
    public async Task Zero_is_no_limit_and_asks_nobody()
    {
        var node = Node(0);

        Assert.Equal(1000, await TakenAsync([node], 1000));
        Assert.Empty(_store.Asked);
        Assert.False(node.IsLimited);
    }

    private static async Task<int> TakenAsync(SharedRate[] nodes, int times)
    {
        var taken = 0;
        for (var i = 0; i < times; i++)
        {
            taken += await nodes[i % nodes.Length].TakeAsync("ann", Cancelled) is null ? 1 : 0;
        }

        return taken;
    }

    private SharedRate Node(int perMinute) => new("tests", perMinute, _store, _clock);
}
