using System.Diagnostics;
using System.Net.WebSockets;
using Im.IntegrationTests.Harness;
using Im.WebApi.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Faults;

/// <summary>
/// Clients that go away at any moment of an upgrade and behind it. Whatever was taken for them is given back, and nobody is
/// taken for present who is not: else a node fills up with nobody.
/// </summary>
[Collection(nameof(FaultSuite))]
public sealed class AbandonedUpgradeTests(SharedRedis redis) : IAsyncLifetime
{
    private const int Users = 4;
    private const int PeersOfEach = 2;

    /// <summary>How many clients come and go at a time, on more sockets than there is room for.</summary>
    private const int Crowd = 24;

    private static readonly TimeSpan Race = TimeSpan.FromSeconds(5);

    private readonly long[] _users = [.. Enumerable.Range(0, Users).Select(_ => Pairs.User())];
    private readonly List<(long User, long Peer, SocketClient Watcher)> _pairs = [];
    private StallingProxy _proxy = null!;
    private TestNode? _node;
    private TestNode _other = null!;

    /// <summary>The one under test.</summary>
    private TestNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        _proxy = new StallingProxy(redis.Server.Port);
        _other = await TestNode.StartPatientAsync(redis.Server.ConnectionString, "--Limits:RequestsPerMinute=0");
        foreach (var user in _users.SelectMany(user => Enumerable.Repeat(user, PeersOfEach)))
        {
            var peer = Pairs.User();
            await _other.Rest.AgreeAsync(user, peer);
            _pairs.Add((user, peer, await SocketClient.ConnectReadyAsync(_other, peer, user)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, watcher) in _pairs)
        {
            await watcher.DisposeAsync();
        }

        await (_node?.DisposeAsync() ?? default);
        await _other.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task Whenever_clients_go_away_just_as_many_places_are_free_as_before_and_nobody_is_taken_for_present(string protocols)
    {
        await StartAsync(protocols);

        await RaceAsync(protocols, Race);

        await NobodyIsThereAsync();
        await AllPlacesAreFreeAsync(protocols);
    }

    [Fact]
    public async Task Nothing_is_kept_of_those_who_went_away_while_the_store_did_not_answer()
    {
        await StartAsync("Http1");
        var racing = RaceAsync("Http1", Race);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Race;)
        {
            _proxy.Set(Flow.Hold);
            await Task.Delay(TimeSpan.FromMilliseconds(800), TestContext.Current.CancellationToken);
            _proxy.Set(Flow.Pass);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }

        await racing;

        await NobodyIsThereAsync();
        await AllPlacesAreFreeAsync("Http1");
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task A_node_that_stops_amidst_upgrades_leaves_nobody_who_is_taken_for_present(string protocols)
    {
        await StartAsync(protocols);
        using var passers = new PassingClients(Node.BaseAddress, http2: protocols == "Http2");
        var racing = RaceAsync(passers, Race);
        await Task.Delay(Race / 2, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("some were let in", () => passers.Upgraded > 0);

        await StopWithinAsync(TimeSpan.FromSeconds(10));

        await racing;
        await NobodyIsThereAsync();
    }

    [Fact]
    public async Task Who_is_being_let_in_as_a_node_stops_is_told_to_go_and_not_left_to_be_cut_off()
    {
        // On a slow machine the store may be so late that nobody is let in at all, or somebody was before the node stops: then once more.
        await Eventually.HoldsAsync("somebody is let in as a node stops", StopsAmidstOneUpgradeAsync, 4 * Eventually.Deadline);
        await NobodyIsThereAsync();
    }

    private async Task<bool> StopsAmidstOneUpgradeAsync()
    {
        _proxy.Set(Flow.Pass);
        await (_node?.DisposeAsync() ?? default);
        await StartAsync("Http1");
        var (user, peer, _) = _pairs[0];
        _proxy.Set(Flow.Delay, TimeSpan.FromMilliseconds(100));
        var coming = SocketClient.ConnectAsync(Node, user, peer);
        await Eventually.HoldsAsync("a place is taken", () => !Node.Services.GetRequiredService<Connections>().AreNone() || coming.IsCompleted);
        var isAmidst = !coming.IsCompleted;

        // Nine seconds is when whoever was overlooked is cut off.
        await StopWithinAsync(TimeSpan.FromSeconds(8.5));
        try
        {
            await using var client = await coming;
            Assert.Equal(1001, await client.ClosedAsync());
            return isAmidst;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    /// <summary>Of the time that the node had.</summary>
    private Task<bool> StopWithinAsync(TimeSpan limit) => OwnTime.WithinAsync(limit, async () =>
    {
        await Node.StopAsync(TestContext.Current.CancellationToken);
        return true;
    });

    private async Task StartAsync(string protocols) => _node = await TestNode.StartAsync(
        _proxy.ConnectionString,
        $"--Kestrel:EndpointDefaults:Protocols={protocols}",
        $"--Limits:ConnectionsPerUser={PeersOfEach}",
        $"--Limits:MaxConnections={(Users * PeersOfEach) + 1}",
        "--Limits:ConnectionsPerSecond=0",
        "--Limits:RequestsPerMinute=0");

    private async Task RaceAsync(string protocols, TimeSpan time)
    {
        using var passers = new PassingClients(Node.BaseAddress, http2: protocols == "Http2");
        await RaceAsync(passers, time);
    }

    private async Task RaceAsync(PassingClients passers, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(async seed =>
        {
            var random = new Random(seed);
            while (watch.Elapsed < time)
            {
                var (user, peer, _) = _pairs[random.Next(_pairs.Count)];

                // Some have no session and are refused.
                await passers.PassAsync(user, random.Next(5) == 0 ? _users[0] + 1_000_000 : peer, random);
            }
        }));
        TestContext.Current.TestOutputHelper?.WriteLine($"{passers.Tried} came, {passers.Upgraded} were let in.");
        Assert.InRange(passers.Upgraded, 1, passers.Tried - 1);
    }

    /// <summary>Sooner than the store by itself forgets who is present, which it does after 25 seconds.</summary>
    private Task<bool> NobodyIsThereAsync() => OwnTime.WithinAsync(TimeSpan.FromSeconds(15), async () =>
    {
        await Eventually.HoldsAsync("no place is taken", () => Node.Services.GetRequiredService<Connections>().AreNone());
        await Eventually.HoldsAsync("no user has a place", () => Node.Services.GetRequiredService<UserSockets>().Users == 0);
        foreach (var (user, _, watcher) in _pairs)
        {
            await Eventually.HoldsAsync($"user {user} is gone", () => !watcher.Of("presence").Last().Json.GetProperty("online").GetBoolean());
        }

        return true;
    });

    private async Task AllPlacesAreFreeAsync(string protocols)
    {
        using var passers = new PassingClients(Node.BaseAddress, http2: protocols == "Http2");
        var open = new List<IDisposable>();
        foreach (var (user, peer, _) in _pairs)
        {
            open.Add(await passers.StayAsync(user, peer));
        }

        var (stranger, known) = Pairs.Fresh();
        await _other.Rest.AgreeAsync(stranger, known);
        var third = Pairs.User();
        await _other.Rest.AgreeAsync(_users[0], third);

        await Eventually.HoldsAsync("one more of a user is refused for that", async () => await passers.StatusAsync(_users[0], third) == 429);
        open.Add(await passers.StayAsync(stranger, known));
        Assert.Equal(503, await passers.StatusAsync(known, stranger));
        open.ForEach(client => client.Dispose());
    }
}
