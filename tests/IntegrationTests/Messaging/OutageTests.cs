using System.Diagnostics;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 7, faults: a store that is away for a while, that comes back empty, or that comes back older than it was.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    /// <summary>What the protocol promises per frame, and half a second for a busy machine.</summary>
    private static readonly TimeSpan AwayAtTheLatest = TimeSpan.FromSeconds(2.5);

    /// <summary>What the protocol promises both sides of a session that is lost.</summary>
    private static readonly TimeSpan LostAtTheLatest = TimeSpan.FromSeconds(15);

    /// <summary>For what a sweep and a store that comes back take on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private RedisServer _redis = null!;
    private TestNode _node = null!;
    private TestNode _other = null!;

    private string Tag => $"im:{{{_pair.Ann}_{_pair.Bob}}}";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        _redis = await RedisServer.StartAsync();
        _node = await TestNode.StartAsync(_redis.ConnectionString, "--Limits:FramesPerSecond=0");
        _other = await TestNode.StartAsync(_redis.ConnectionString, "--Limits:FramesPerSecond=0");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _other.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_frozen_store_gets_50300_within_two_seconds_per_frame_and_delivery_resumes_by_itself()
    {
        var (ann, bob) = await TalkAsync();
        await using var one = ann;
        await using var other = bob;
        await ann.SendMsgAsync("1", id: 1);
        await bob.NextAsync("msg");

        _redis.Freeze();
        try
        {
            for (var frames = 0; frames < 2; frames++)
            {
                await Eventually.OnceWithinAsync("frames are answered", AwayAtTheLatest, async () =>
                {
                    var sentAt = Stopwatch.GetTimestamp();
                    await ann.SendMsgAsync("2", id: 2);
                    await ann.SignalAsync("typing");
                    await ann.SendMsgAsync("3", id: 3);
                    foreach (var id in new[] { 2, 3 })
                    {
                        await ann.ExpectAsync("50300", frame => frame.Type == "error" && frame.Number("code") == 50300 && frame.Has("id") && frame.Number("id") == id);
                    }

                    return Stopwatch.GetElapsedTime(sentAt);
                });
            }
        }
        finally
        {
            _redis.Thaw();
        }

        await SendUntilSentAsync(ann, 2, 20);
        await bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(seq => (long)seq), bob.Seqs());
        Assert.Equal(Enumerable.Range(1, 20).Select(id => $"{id}"), bob.Of("msg").Select(frame => frame.Text("data")));
    }

    [Fact]
    public async Task Fresh_tokens_that_a_frozen_store_cannot_judge_get_50300_and_keep_nothing_behind_them_from_its_own_in_time()
    {
        var (ann, bob) = await TalkAsync();
        await using var one = ann;
        await using var other = bob;

        _redis.Freeze();
        try
        {
            await Eventually.OnceWithinAsync("frames are answered", AwayAtTheLatest, async () =>
            {
                var sentAt = Stopwatch.GetTimestamp();
                for (var i = 0; i < 3; i++)
                {
                    await ann.AuthAsync(TestNode.Mint(_pair.Ann));
                }

                await ann.SendMsgAsync("1", id: 1);
                for (var i = 0; i < 3; i++)
                {
                    (await ann.NextAsync("error")).IsRefusal(50300, "auth");
                }

                (await ann.NextAsync("error")).IsRefusal(50300, "msg");
                return Stopwatch.GetElapsedTime(sentAt);
            });
        }
        finally
        {
            _redis.Thaw();
        }

        await Eventually.HoldsAsync("a token can be renewed again", async () =>
        {
            await ann.AuthAsync(TestNode.Mint(_pair.Ann));
            return (await ann.ExpectAsync("its answer", frame => frame.Type is "authenticated" or "error")).Type == "authenticated";
        });
    }

    [Fact]
    public async Task Whoever_cuts_the_stores_connections_every_half_second_loses_doubles_and_disorders_nothing()
    {
        var (ann, bob) = await TalkAsync();
        await using var one = ann;
        await using var other = bob;
        await using var store = await _redis.ConnectAsync();
        using var done = new CancellationTokenSource();
        var cutting = CutAsync(store, () => ann.Of("sent").Count(), done.Token);
        bool IsCutOften() => _node.Logs.Lines.Count(line => line.Id.Id == 1001) >= 3;

        var last = 0;
        while (last < 1000 || !IsCutOften())
        {
            last += 50;
            await SendUntilSentAsync(ann, last - 49, last);
            await bob.AckAsync(bob.Seqs().DefaultIfEmpty().Max());
        }

        await done.CancelAsync();
        await cutting;
        await bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == last, Patience);
        Assert.Equal(Enumerable.Range(1, last).Select(id => $"{id}"), bob.Of("msg").Select(frame => frame.Text("data")));
    }

    [Fact]
    public async Task A_store_that_comes_back_empty_ends_idle_sockets_with_4404_within_fifteen_seconds()
    {
        await Eventually.OnceWithinAsync("both are told", LostAtTheLatest, async () =>
        {
            var (ann, bob) = await TalkAsync();
            await using var one = ann;
            await using var other = bob;

            await _redis.RestartAsync();

            return await BothAreLostAsync(ann, bob);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_went_back_in_time_gives_no_seq_twice_and_ends_the_session_for_both(bool sends)
    {
        await using var store = await _redis.ConnectAsync();
        await Eventually.OnceWithinAsync("both are told", LostAtTheLatest, async () =>
        {
            var (ann, bob) = await TalkAsync();
            await using var one = ann;
            await using var other = bob;
            await SendUntilSentAsync(ann, 1, 5);
            var then = await SnapshotAsync(store.GetDatabase());
            await SendUntilSentAsync(ann, 6, 10);
            await bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == 10);

            await RestoreAsync(store.GetDatabase(), then);
            if (sends)
            {
                await TrySendAsync(ann, 11);
            }

            var took = await BothAreLostAsync(ann, bob);
            Assert.Equal(10, bob.Of("msg").Count());
            return took;
        });
    }

    private static async Task TrySendAsync(SocketClient sender, long id)
    {
        try
        {
            await sender.SendMsgAsync($"{id}", id);
        }
        catch (Exception e) when (SocketClient.IsLoss(e))
        {
            // A sweep came first.
        }
    }

    /// <summary>How long it takes from now on until both sides are told.</summary>
    private static async Task<TimeSpan> BothAreLostAsync(SocketClient ann, SocketClient bob)
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal((4404, 4404), (await ann.ClosedAsync(Patience), await bob.ClosedAsync(Patience)));
        return watch.Elapsed;
    }

    /// <summary>Every half second, and not before something more was answered: on a slow machine nothing would ever be.</summary>
    private static async Task CutAsync(ConnectionMultiplexer store, Func<int> answered, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await store.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            await store.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes");
            var before = answered();
            do
            {
                await Task.Delay(500, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            while (answered() == before && !done.IsCancellationRequested);
        }
    }

    /// <summary>Sends these ids and, as the protocol asks, again from the first that was refused, until all are accepted.</summary>
    private static async Task SendUntilSentAsync(SocketClient sender, int from, int to)
    {
        await Eventually.HoldsAsync($"{to} is sent", async () =>
        {
            var accepted = sender.Of("sent").Select(frame => frame.Number("id")).DefaultIfEmpty().Max();
            var next = Math.Max(from, accepted + 1);
            var answers = sender.Frames.Count;
            for (var id = next; id <= to; id++)
            {
                await sender.SendMsgAsync($"{id}", id);
            }

            await Eventually.HoldsAsync(
                "every frame is answered", () => sender.Frames.Skip(answers).Count(frame => frame.Type is "sent" or "error") >= to - next + 1);
            return sender.Of("sent").Any(frame => frame.Number("id") == to);
        }, Patience);
    }

    private async Task<(SocketClient Ann, SocketClient Bob)> TalkAsync()
    {
        await _node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        var ann = await SocketClient.ConnectReadyAsync(_node, _pair.Ann, _pair.Bob);
        return (ann, await SocketClient.ConnectReadyAsync(_other, _pair.Bob, _pair.Ann));
    }

    private async Task<Dictionary<string, byte[]?>> SnapshotAsync(IDatabase store)
    {
        var snapshot = new Dictionary<string, byte[]?>();
        foreach (var key in new[] { $"{Tag}:session", $"{Tag}:queue:{_pair.Ann}", $"{Tag}:queue:{_pair.Bob}" })
        {
            snapshot[key] = await store.KeyDumpAsync(key);
        }

        return snapshot;
    }

    private static async Task RestoreAsync(IDatabase store, Dictionary<string, byte[]?> snapshot)
    {
        foreach (var (key, value) in snapshot)
        {
            await store.KeyDeleteAsync(key);
            if (value is not null)
            {
                await store.KeyRestoreAsync(key, value, TimeSpan.FromMinutes(5));
            }
        }
    }
}
