using System.Globalization;
using Im.Infrastructure.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Im.Infrastructure.Garnet;

/// <summary>
/// Keeps the embedded store from filling up. It has no disk to move to: once its log and its heap together pass its limit,
/// it drops everything older, alive or not. So before that, whatever writes anew (opening a handshake, sending, counting calls) is refused;
/// acknowledging, renewing and ending go on and make room. An external store has its own limit, and says so itself (OOM).
/// </summary>
/// <remarks>
/// The store is asked once a second; what this node, its only writer, writes until the next answer is counted here, so that
/// no burst slips through between two looks.
/// </remarks>
internal sealed partial class GarnetRoom(IOptions<RedisOptions> options, RedisConnection connection, TimeProvider clock, ILogger<GarnetRoom> logger)
    : BackgroundService
{
    /// <summary>The part of the store's limit that may be used: its own count runs behind, and it acts on it in large steps.</summary>
    private const double Mark = 0.8;

    /// <summary>The part that must come free before a full store takes anything again: it should not flicker.</summary>
    private const double Slack = 0.05;

    /// <summary>What a message or a handshake takes beside its own bytes, generously.</summary>
    private const int Overhead = 512;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _left = long.MaxValue / 2;
    private volatile bool _isFull;

    /// <summary>Takes room for this many bytes; false: there is none, and nothing may be written anew until there is plenty again.</summary>
    public bool TryTake(int bytes)
    {
        if (_isFull)
        {
            return false;
        }

        if (Interlocked.Add(ref _left, -(bytes + Overhead)) >= 0)
        {
            return true;
        }

        Become(full: true);
        return false;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Value.IsEmbedded ? Periodically.RunAsync(Interval, clock, LookAsync, stoppingToken) : Task.CompletedTask;

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var info = await connection.Servers()[0].InfoRawAsync("STORE").WaitAsync(connection.Deadline, clock, cancellationToken);
            if (Read(info, "Log.TailAddress") - Read(info, "Log.BeginAddress") + Read(info, "Log.CurrentHeapSizeBytes") is not { } used
                || Read(info, "Log.MaxMemorySizeBytes") is not { } limit)
            {
                return;
            }

            Volatile.Write(ref _left, (long)(Mark * limit) - used);
            Become(full: used > (_isFull ? Mark - Slack : Mark) * limit);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // It does not answer, so nothing is written either; the next look tells.
        }
    }

    private static long? Read(string? info, string name) =>
        (info ?? "").Split('\n').Select(line => line.Trim().Split(':')).FirstOrDefault(parts => parts[0] == name) is [_, var text]
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private void Become(bool full)
    {
        if (_isFull == full)
        {
            return;
        }

        _isFull = full;
        if (full)
        {
            Log.Full(logger);
        }
        else
        {
            Log.RoomAgain(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Error, "The embedded store is full: it takes no new handshakes and messages until enough are delivered. For so much, use a Redis.")]
        public static partial void Full(ILogger logger);

        [LoggerMessage(1103, LogLevel.Information, "The embedded store has room again.")]
        public static partial void RoomAgain(ILogger logger);
    }
}
