using Im.Domain;
using Im.Infrastructure.Garnet;
using Im.Infrastructure.Redis.Transport;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>
/// The node's connection to its store, opened when the host starts, and the one place that runs scripts: with a deadline of
/// its own, and with everything that means "the store is away" turned into <see cref="Errors.StoreUnavailable"/>.
/// </summary>
internal sealed partial class RedisConnection(
    IOptions<RedisOptions> options, EmbeddedGarnet garnet, StoreDeadlines deadlines, TimeProvider clock, ILogger<RedisConnection> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>How often TRYAGAIN is tried again: a cluster answers it while a slot migrates.</summary>
    private const int MaxTryAgain = 4;

    private static readonly string[] AwayCodes =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "OOM", "NOREPLICAS", "TRYAGAIN", "BUSY", "MISCONF"];

    private IConnectionMultiplexer? _multiplexer;

    /// <summary>Raised when a connection to the store is back, or another server is master; what was published meanwhile is lost.</summary>
    public event Action? Restored;

    /// <summary>Who hears what is published; set before anything is subscribed.</summary>
    public PublicationTargets? Targets { get; set; }

    /// <summary>PUBLISH, or on a cluster SPUBLISH, which stays within the shard.</summary>
    public RedisValue PublishCommand { get; private set; } = "PUBLISH";

    /// <summary>How long a call may take from the moment its cause was read.</summary>
    public TimeSpan Deadline => deadlines.Call;

    private IConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("The host has not started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configuration = options.Value.IsEmbedded ? RedisConfiguration.Of(garnet.EndPoint) : RedisConfiguration.Parse(options.Value.ConnectionString!);
        configuration.Tunnel ??= new StoreTunnel(TimeSpan.FromMilliseconds(configuration.ConnectTimeout), channel => Targets?.Invoke(channel));
        try
        {
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
            await _multiplexer.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(5), clock, cancellationToken);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ArgumentException)
        {
            throw new StartupException(
                $"The store at {RedisConfiguration.Describe(configuration)} (Redis:ConnectionString) does not answer; is it running and may this node reach it?", failure);
        }

        var isCluster = _multiplexer.GetServers().Any(server => server.ServerType is ServerType.Cluster);
        PublishCommand = isCluster ? "SPUBLISH" : "PUBLISH";
        _multiplexer.ConnectionRestored += (_, restored) =>
        {
            Log.Restored(logger, restored.ConnectionType);
            StoreTelemetry.Reconnected();
            Restored?.Invoke();
        };

        // After a fail-over the connections to the new master may have stood all along, and only the subscriptions move.
        _multiplexer.ConfigurationChanged += (_, _) => Restored?.Invoke();
        _multiplexer.ConnectionFailed += (_, failed) =>
        {
            Log.Failed(logger, failed.ConnectionType, failed.FailureType);
            StoreTelemetry.Disconnected();
        };
    }

    /// <summary>Nothing: sockets say goodbye to the store while the host stops; the connection closes when it is disposed.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _multiplexer, null) is { } multiplexer)
        {
            await multiplexer.DisposeAsync();
        }
    }

    /// <summary>The channel of this name: sharded on a cluster.</summary>
    public RedisChannel Channel(string name) =>
        PublishCommand == "SPUBLISH" ? RedisChannel.Sharded(name) : RedisChannel.Literal(name);

    /// <summary>The servers behind the connection string, replicas included.</summary>
    public IServer[] Servers() => Multiplexer.GetServers();

    public ISubscriber Subscriber() => Multiplexer.GetSubscriber();

    /// <summary>Whether the subscription to this channel stands at this moment.</summary>
    public bool IsConnected(string channel) => Multiplexer.GetSubscriber().IsConnected(Channel(channel));

    /// <summary>Whether the store, on a cluster one of its masters, answers within <see cref="Deadline"/>.</summary>
    public async Task<bool> PingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Multiplexer.GetDatabase().PingAsync(CommandFlags.DemandMaster).WaitAsync(Deadline, clock, cancellationToken);
            return true;
        }
        catch (Exception failure) when (IsAway(failure))
        {
            return false;
        }
    }

    /// <summary>Runs a script within <see cref="Deadline"/>.</summary>
    public Task<Result<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        EvaluateAsync(script, keys, arguments, Deadline, cancellationToken);

    /// <summary>Runs a script, or answers <see cref="Errors.StoreUnavailable"/>; the call may then still take effect.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="deadline">How long the call may take.</param>
    /// <param name="cancellationToken">Ends the wait for the answer, not the call.</param>
    /// <param name="late">Gets an answer that comes after nobody waits for it any more.</param>
    public async Task<Result<RedisResult>> EvaluateAsync(
        RedisScript script, RedisKey[] keys, RedisValue[] arguments, TimeSpan deadline, CancellationToken cancellationToken, Func<RedisResult, Task>? late = null)
    {
        using var span = StoreTelemetry.Begin(script);
        if (deadline <= TimeSpan.Zero)
        {
            StoreTelemetry.Failed(script, null, span);
            return Errors.StoreUnavailable;
        }

        var begun = clock.GetTimestamp();
        var call = TryAgainAsync(script, keys, arguments);
        try
        {
            var reply = await call.WaitAsync(deadline, clock, cancellationToken);
            StoreTelemetry.Ended(script, clock.GetElapsedTime(begun));
            return reply;
        }
        catch (Exception failure) when (IsAway(failure))
        {
            Log.CallFailed(logger, failure.GetType().Name);
            StoreTelemetry.Ended(script, clock.GetElapsedTime(begun));
            StoreTelemetry.Failed(script, failure, span);
            _ = ObserveAsync(call, late);
            return Errors.StoreUnavailable;
        }
        catch (OperationCanceledException)
        {
            _ = ObserveAsync(call, late);
            throw;
        }
    }

    private async Task ObserveAsync(Task<RedisResult> call, Func<RedisResult, Task>? late)
    {
        try
        {
            var reply = await call;
            await (late?.Invoke(reply) ?? Task.CompletedTask);
        }
        catch (Exception failure)
        {
            Log.CallFailed(logger, failure.GetType().Name);
        }
    }

    private async Task<RedisResult> TryAgainAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Never a replica, which the library takes for a script when no master is there: behind its master, it would
                // say that a session is lost or went back, and both sides would believe it.
                // By its digest, which costs least: given the source, the library would digest it anew with every call.
                return await ReplyContext.WaitFor(Multiplexer.GetDatabase().ScriptEvaluateAsync(script.Hash, keys, arguments, CommandFlags.DemandMaster));
            }
            catch (RedisServerException failure) when (failure.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                return await Multiplexer.GetDatabase().ScriptEvaluateAsync(script.Text, keys, arguments, CommandFlags.DemandMaster);
            }
            catch (RedisServerException failure) when (attempt < MaxTryAgain && failure.Message.StartsWith("TRYAGAIN", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 * attempt), clock);
            }
        }
    }

    /// <summary>Whether the store is away or not itself, as against a script that is wrong.</summary>
    private static bool IsAway(Exception failure) => failure switch
    {
        TimeoutException or RedisConnectionException or ObjectDisposedException => true,
        RedisServerException server => AwayCodes.Any(code => server.Message.StartsWith(code, StringComparison.Ordinal)),
        _ => false,
    };

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Warning, "Lost the {ConnectionType} connection to the store: {FailureType}.")]
        public static partial void Failed(ILogger logger, ConnectionType connectionType, ConnectionFailureType failureType);

        [LoggerMessage(1002, LogLevel.Information, "The {ConnectionType} connection to the store is back.")]
        public static partial void Restored(ILogger logger, ConnectionType connectionType);

        [LoggerMessage(1003, LogLevel.Debug, "A call to the store failed: {Failure}.")]
        public static partial void CallFailed(ILogger logger, string failure);
    }
}
