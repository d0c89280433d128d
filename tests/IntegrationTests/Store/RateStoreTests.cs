using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Im.Application.Limits;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Store;

/// <summary>Rates as the store counts them: for all nodes, by its own clock, and not for ever.</summary>
public abstract class RateStoreTests(NodeFixture fixture)
{
    private const string Whose = "192.0.2.1 ANN";

    private readonly string _name = $"tests-{Guid.NewGuid():N}";
    private readonly IRates[] _nodes = [RatesOf(fixture.Node), RatesOf(fixture.Other)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task So_many_may_happen_at_once_and_the_next_one_at_the_very_moment_that_is_named()
    {
        var rate = Rate.PerSecond(_name, 2);
        var (taken, wait) = (0, TimeSpan.Zero);
        var (begun, watch) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        for (; taken < 100 && wait == TimeSpan.Zero; taken++)
        {
            watch.Restart();
            wait = await TakeAsync(rate);
        }

        Assert.InRange(taken - 1, 4, 4 + Fits(begun.Elapsed, rate));
        Assert.InRange(wait, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(500));

        // What is refused in between is not counted: each would put it off by half a second.
        await Eventually.HoldsAsync("the next one", async () => await TakeAsync(rate) == TimeSpan.Zero);
        Assert.True(watch.Elapsed >= wait - TimeSpan.FromMilliseconds(1), $"After {watch.Elapsed} instead of {wait}.");
    }

    [Fact]
    public async Task Callers_side_by_side_on_two_nodes_together_get_the_number_and_no_more()
    {
        for (var round = 0; round < 5; round++)
        {
            var rate = Rate.PerMinute($"{_name}-{round}", 50);
            var watch = Stopwatch.StartNew();

            var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => TakeAsync(rate, Whose, _nodes[i % 2])));

            Assert.InRange(answers.Count(wait => wait == TimeSpan.Zero), 50, 50 + Fits(watch.Elapsed, rate));
            Assert.All(answers, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMicroseconds(rate.Period)));
        }
    }

    [Fact]
    public async Task Whatever_the_rate_and_whoever_calls_each_gets_what_the_law_allows() => await Gen
        .Select(Gen.Int[1, 400], Gen.Int[0, 2].Array[1, 120])
        .SampleAsync(
            async (perSecond, callers) =>
            {
                var rate = Rate.PerSecond($"{_name}-{Guid.NewGuid():N}", perSecond);
                var watch = Stopwatch.StartNew();
                var answers = await Task.WhenAll(callers.Select(async (caller, i) => (caller, Wait: await TakeAsync(rate, $"{caller}", _nodes[i % 2]))));
                foreach (var calls in answers.GroupBy(answer => answer.caller))
                {
                    var taken = calls.Count(call => call.Wait == TimeSpan.Zero);
                    Assert.InRange(taken, Math.Min(calls.Count(), 2 * perSecond), (2 * perSecond) + Fits(watch.Elapsed, rate));
                    Assert.All(calls, call => Assert.InRange(call.Wait, TimeSpan.Zero, TimeSpan.FromMicroseconds(rate.Period)));
                }
            },
            iter: 100,
            threads: 1);

    [Fact]
    public async Task Rates_of_different_names_and_callers_do_not_count_together()
    {
        var rate = Rate.PerMinute(_name, 1);

        Assert.Equal(TimeSpan.Zero, await TakeAsync(rate));
        Assert.NotEqual(TimeSpan.Zero, await TakeAsync(rate));
        Assert.Equal(TimeSpan.Zero, await TakeAsync(rate, "192.0.2.1 BOB"));
        Assert.Equal(TimeSpan.Zero, await TakeAsync(Rate.PerMinute($"{_name}-other", 1)));
    }

    [Fact]
    public async Task A_key_lives_no_longer_than_it_counts_and_does_not_say_whose_it_is()
    {
        var rate = Rate.PerMinute(_name, 2);
        await TakeAsync(rate);
        await using var view = await StoreView.ConnectAsync(fixture.Node);

        var key = Assert.Single(await view.KeysLikeAsync($"im:rate:{_name}:*"));
        Assert.Matches($"^im:rate:{_name}:[0-9a-f]{{32}}$", key);
        Assert.InRange(await view.Database.KeyTimeToLiveAsync(key) ?? TimeSpan.MaxValue, TimeSpan.FromSeconds(20), TimeSpan.FromMicroseconds(rate.Period));

        await TakeAsync(rate);
        Assert.InRange(await view.Database.KeyTimeToLiveAsync(key) ?? TimeSpan.MaxValue, TimeSpan.FromSeconds(50), TimeSpan.FromMicroseconds(rate.Span));
    }

    [Fact]
    public async Task Who_has_another_signing_key_finds_another_key_so_that_none_can_be_guessed()
    {
        await using var other = await fixture.StartAnotherAsync("--Jwt:SigningKey=another signing key, of this test alone");
        var rate = Rate.PerMinute(_name, 1);

        await TakeAsync(rate);
        Assert.Equal(TimeSpan.Zero, await TakeAsync(rate, Whose, RatesOf(other)));

        await using var view = await StoreView.ConnectAsync(fixture.Node);
        await using var beside = await StoreView.ConnectAsync(other);
        string[] keys = [.. await view.KeysLikeAsync($"im:rate:{_name}:*"), .. await beside.KeysLikeAsync($"im:rate:{_name}:*")];
        Assert.Equal(2, keys.Distinct().Count());
    }

    [Fact]
    public async Task A_clock_that_went_back_makes_nobody_wait_longer_than_for_one()
    {
        var rate = Rate.PerMinute(_name, 10);
        await TakeAsync(rate);
        await using var view = await StoreView.ConnectAsync(fixture.Node);
        var key = Assert.Single(await view.KeysLikeAsync($"im:rate:{_name}:*"));
        var ahead = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds() * 1000;
        await view.Database.StringSetAsync(key, ahead.ToString(CultureInfo.InvariantCulture), TimeSpan.FromMinutes(1));

        Assert.InRange(await TakeAsync(rate), TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(rate.Period));
    }

    private static IRates RatesOf(TestNode node) => node.Services.GetRequiredService<IRates>();

    /// <summary>How many more the time that passed allows at most.</summary>
    private static int Fits(TimeSpan elapsed, Rate rate) => (int)(elapsed.TotalMicroseconds / rate.Period) + 1;

    private async Task<TimeSpan> TakeAsync(Rate rate, string whose = Whose, IRates? node = null) =>
        (await (node ?? _nodes[0]).TakeAsync(rate, whose, Cancelled)).Value;

    public sealed class OnGarnet(GarnetNode node) : RateStoreTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : RateStoreTests(nodes), IClassFixture<RedisNodes>;

    public sealed class OnCluster(ClusterNode node) : RateStoreTests(node), IClassFixture<ClusterNode>;

    public sealed class OnSentinel(SentinelNode node) : RateStoreTests(node), IClassFixture<SentinelNode>;
}
