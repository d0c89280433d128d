using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>
/// Asks every server of an external store, at start and then every minute, whether it writes to disk or may evict: then
/// messages and keys would lie on a disk, or vanish. Warns; with <c>Redis:RequireEphemeral</c> the node does not start, or
/// turns not ready. A server that will not say counts as writing. At start it also warns, once, of a slow log: that one is in
/// memory only, so it is never a reason to refuse.
/// </summary>
internal sealed partial class EphemeralCheck(RedisConnection connection, IOptions<RedisOptions> options, TimeProvider clock, ILogger<EphemeralCheck> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private volatile string? _fault;

    /// <summary>What forbids this node to serve, in one sentence; null: nothing.</summary>
    public string? Refusal => options.Value.RequireEphemeral && _fault is { } fault ? $"The store {fault}." : null;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsEmbedded)
        {
            return;
        }

        await LookAsync(cancellationToken);
        if (Refusal is not null)
        {
            throw new StartupException($"The store {_fault}, and Redis:RequireEphemeral is set.");
        }

        await LookAtSlowLogsAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodically.RunAsync(Interval, clock, LookAsync, stoppingToken);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var servers = connection.Servers();
        var replicated = servers.Any(server => server.IsReplica);
        string? fault = null;
        foreach (var server in servers)
        {
            fault ??= await FaultOfAsync(server, replicated, cancellationToken);
        }

        if (fault is not null && fault != _fault)
        {
            Log.NotEphemeral(logger, fault);
        }

        _fault = fault;
    }

    private async Task LookAtSlowLogsAsync(CancellationToken cancellationToken)
    {
        foreach (var server in connection.Servers())
        {
            if (await KeepsArgumentsAsync(server, cancellationToken))
            {
                Log.KeepsArguments(logger, EndPointCollection.ToString(server.EndPoint));
                return;
            }
        }
    }

    private async Task<bool> KeepsArgumentsAsync(IServer server, CancellationToken cancellationToken)
    {
        try
        {
            return long.TryParse(await GetAsync(server, "slowlog-log-slower-than", cancellationToken), CultureInfo.InvariantCulture, out var from) && from >= 0
                && await GetAsync(server, "slowlog-max-len", cancellationToken) != "0";
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // It does not say; of that it is warned already.
            return false;
        }
    }

    private async Task<string?> FaultOfAsync(IServer server, bool replicated, CancellationToken cancellationToken)
    {
        var at = EndPointCollection.ToString(server.EndPoint);
        try
        {
            return await GetAsync("save") != "" ? $"at {at} writes snapshots to disk (save is not empty)"
                : await GetAsync("appendonly") != "no" ? $"at {at} writes a log to disk (appendonly is not no)"
                : await GetAsync("maxmemory-policy") != "noeviction" ? $"at {at} may drop what is alive (maxmemory-policy is not noeviction)"
                : replicated && await GetAsync("repl-diskless-sync") != "yes" ? $"at {at} writes to disk what it sends to replicas (repl-diskless-sync is not yes)"
                : replicated && await GetAsync("repl-diskless-load") == "disabled" ? $"at {at} writes to disk what it receives as a replica (repl-diskless-load is disabled)"
                : null;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return $"at {at} does not say whether it writes to disk (CONFIG GET fails)";
        }

        Task<string?> GetAsync(string setting) => this.GetAsync(server, setting, cancellationToken);
    }

    private async Task<string?> GetAsync(IServer server, string setting, CancellationToken cancellationToken)
    {
        var reply = await server.ExecuteAsync("CONFIG", "GET", setting).WaitAsync(connection.Deadline, clock, cancellationToken);
        return reply.Length == 2 ? (string?)reply[1] : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1004, LogLevel.Warning, "The store {Fault}; messages and keys should never be on a disk.")]
        public static partial void NotEphemeral(ILogger logger, string fault);

        [LoggerMessage(1005, LogLevel.Warning, "The store at {Store} keeps the arguments of slow commands, messages and keys among them, in memory (slowlog-log-slower-than is not negative).")]
        public static partial void KeepsArguments(ILogger logger, string store);
    }
}
