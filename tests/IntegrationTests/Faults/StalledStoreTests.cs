using System.Diagnostics;
using System.Net;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 7, faults of the network between one node and the store; the other node has a good one.</summary>
[Collection(nameof(FaultSuite))]
public sealed class StalledStoreTests(SharedRedis redis) : IAsyncLifetime
{
    private const int Count = 6;

    /// <summary>To the store, and the same back: long, but well within the node's patience of two seconds.</summary>
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(200);

    private StallingProxy _proxy = null!;
    private TestNode _node = null!;
    private TestNode _other = null!;
    private CountingPairs _pairs = null!;
    private bool _isEnough;
    private Task _feeding = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        var store = redis.Server;
        string[] settings = ["--Limits:FramesPerSecond=0", "--Limits:RequestsPerMinute=0"];
        _proxy = new StallingProxy(store.Port);
        _node = await TestNode.StartAsync(_proxy.ConnectionString, settings);
        _other = await TestNode.StartPatientAsync(store.ConnectionString, settings);

        // Every one has a node of its own and keeps it: what is lost on the bad one cannot be repaired by moving.
        _pairs = await CountingPairs.ConnectAsync(_other.Rest, Count, [_node.BaseAddress], [_other.BaseAddress]);
        _feeding = _pairs.FeedAsync(100, () => Volatile.Read(ref _isEnough));
        await _pairs.TalkGoesOnAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isEnough, true);
        await _feeding;
        await _pairs.DisposeAsync();
        await _node.DisposeAsync();
        await _other.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_store_whose_connections_stall_for_three_seconds_loses_doubles_and_disorders_nothing()
    {
        _proxy.Set(Flow.Hold);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        // The frames that came meanwhile are refused, though the store will have some of them once the line is free.
        await Eventually.HoldsAsync("frames are refused", () => Refusals().Contains(50300));
        _proxy.Set(Flow.Pass);

        await EndAsync();
    }

    [Fact]
    public async Task A_store_that_every_word_takes_long_to_and_from_loses_doubles_and_disorders_nothing_while_talk_goes_on()
    {
        _proxy.Set(Flow.Delay, OneWay);
        await Eventually.HoldsAsync("the node is ready, as soon as the store has answered", async () =>
        {
            var watch = Stopwatch.StartNew();
            using var answer = await _node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            var isReady = answer.StatusCode is HttpStatusCode.OK;
            Assert.True(!isReady || watch.Elapsed > 1.8 * OneWay, "The node did not ask the store.");
            return isReady;
        });

        for (var i = 0; i < 3; i++)
        {
            await _pairs.TalkGoesOnAsync();
        }

        // New conversations begin over the slow line, too.
        await using (var late = await CountingPairs.ConnectAsync(_node.Rest, Count, [_node.BaseAddress], [_other.BaseAddress]))
        {
            await late.FeedAsync(50, () => true);
            await late.SettleAsync();
        }

        // What is left over comes by a good line: how long it would take on the slow one, a busy machine decides.
        _proxy.Set(Flow.Pass);
        await EndAsync();
    }

    [Fact]
    public async Task A_store_whose_streams_are_cut_in_half_again_and_again_loses_doubles_and_disorders_nothing()
    {
        const int Least = 10;

        // A slow machine needs longer until there is a connection again whose next word can be cut.
        var atLast = DateTime.UtcNow + (4 * Eventually.Deadline);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        for (var round = 0; (round < 20 || (_proxy.Halved < Least && DateTime.UtcNow < atLast)) && await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken); round++)
        {
            _proxy.Halve();
        }

        await EndAsync();
        Assert.InRange(_proxy.Halved, Least, int.MaxValue);
    }

    private IEnumerable<long> Refusals() => _pairs.Clients.SelectMany(client => client.History.Of(Did.Refused)).Select(refused => refused.Other);

    /// <summary>Talk goes on by itself; then it ends, and the histories are read.</summary>
    private async Task EndAsync()
    {
        await _pairs.TalkGoesOnAsync();
        Volatile.Write(ref _isEnough, true);
        await _feeding;
        await _pairs.SettleAsync();
    }
}
