using System.Net;
using Im.Infrastructure;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Im.IntegrationTests.Store;

/// <summary>Promise 9, nothing at rest: the node asks its store whether it keeps anything on disk, or may drop what is alive.</summary>
public sealed class EphemeralTests
{
    public static TheoryData<string, string, string> Faults => new()
    {
        { "--save", "3600 1", "save" },
        { "--appendonly", "yes", "appendonly" },
        { "--maxmemory-policy", "allkeys-lru", "maxmemory-policy" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_store_that_keeps_or_drops_is_refused_where_that_is_required_and_else_warned_of(string flag, string value, string named)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync(flag, value);

        var refused = await Assert.ThrowsAsync<StartupException>(() => TestNode.StartPatientAsync(redis.ConnectionString, "--Redis:RequireEphemeral=true"));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);

        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString);
        Assert.Contains(node.Logs.Lines, line => line.Id.Id == 1004 && line.Text.Contains(named, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("save", "60 1", "")]
    [InlineData("appendonly", "yes", "no")]
    [InlineData("maxmemory-policy", "allkeys-lru", "noeviction")]
    public async Task A_store_that_begins_to_keep_or_drop_turns_the_node_not_ready_within_a_minute_and_back_when_it_is_put_right(string setting, string bad, string good)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        var clock = new MinuteClock();
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartAsync(redis.ConnectionString, services => services.AddSingleton<TimeProvider>(clock), "--Redis:RequireEphemeral=true");
        await using var store = await redis.ConnectAsync();
        async Task<(HttpStatusCode Status, string Says)> ReadyAsync()
        {
            using var answer = await node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        await store.GetServers().Single().ConfigSetAsync(setting, bad);
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync()).Status);
        await Eventually.HoldsAsync("the node has begun to wait for the minute", () => clock.IsWatched);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync("not ready", async () => (await ReadyAsync()).Status == HttpStatusCode.ServiceUnavailable);
        Assert.Contains($"({setting} is not", (await ReadyAsync()).Says, StringComparison.Ordinal);
        Assert.Contains(node.Logs.Lines, line => line.Id.Id == 1004 && line.Text.Contains(setting, StringComparison.Ordinal));

        await store.GetServers().Single().ConfigSetAsync(setting, good);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync("ready again", async () => (await ReadyAsync()).Status == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("10000", "128", 1)]
    [InlineData("0", "1", 1)]
    [InlineData("-1", "128", 0)]
    [InlineData("10000", "0", 0)]
    public async Task A_slow_log_that_keeps_arguments_is_warned_of_once_and_never_refused(string slowerThan, string length, int warnings)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync("--slowlog-log-slower-than", slowerThan, "--slowlog-max-len", length);

        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString, "--Redis:RequireEphemeral=true");

        var warned = node.Logs.Lines.Where(line => line.Id.Id == 1005).ToList();
        Assert.Equal(warnings, warned.Count);
        Assert.All(warned, line => Assert.Contains("slowlog-log-slower-than", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_does_not_say_is_warned_of_once_and_not_for_its_slow_log_too()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync("--rename-command", "CONFIG", "");

        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString);

        Assert.Single(node.Logs.Lines, line => line.Id.Id is 1004 or 1005);
    }

    [Fact]
    public async Task A_store_that_keeps_nothing_is_taken_without_a_word()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();

        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString, "--Redis:RequireEphemeral=true");

        Assert.DoesNotContain(node.Logs.Lines, line => line.Id.Id == 1004);
        Assert.Contains("\"store\":\"ok\"", await node.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>A clock that says whether somebody waits for each of its minutes: moved before, it would not be noticed.</summary>
    private sealed class MinuteClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        private volatile bool _isWatched;

        public bool IsWatched => _isWatched;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _isWatched |= period == TimeSpan.FromMinutes(1);
            return timer;
        }
    }
}
