using System.Globalization;
using Im.Infrastructure.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Im.Infrastructure.Garnet;

/// <summary>
/// Keeps the embedded store from filling up. It has no disk to move to: once its log and its heap together pass its limit,
/// it drops everything older, alive or not. So before that, whatever writes anew (opening a handshake, sending) is refused;
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

    /// <summary>What a message or a handshake takes beside its own bytes, generously.</summary>
    private const int Overhead = 512;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _left = long.MaxValue / 2;
    private bool _saidFull;

    /// <summary>Takes room for this many bytes; false: there is none, and nothing may be written anew.</summary>
    public bool TryTake(int bytes) => Interlocked.Add(ref _left, -(bytes + Overhead)) >= 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsEmbedded)
        {
            return;
        }

        try
        {
            using var ticks = new PeriodicTimer(Interval, clock);
            while (await ticks.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var info = await connection.Servers()[0].InfoRawAsync("STORE").WaitAsync(RedisConnection.Deadline, clock, cancellationToken);
            var used = Read(info, "Log.TailAddress") - Read(info, "Log.BeginAddress") + Read(info, "Log.CurrentHeapSizeBytes");
            var left = (long)(Mark * Read(info, "Log.MaxMemorySizeBytes")) - used;
            Volatile.Write(ref _left, left);
            if (left <= 0 && !_saidFull)
            {
                Log.Full(logger, used);
            }

            _saidFull = left <= 0;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // It does not answer, so nothing is written either; the next look tells.
        }
    }

    private static long Read(string? info, string name) =>
        (info ?? "").Split('\n').Select(line => line.Trim().Split(':')).Where(parts => parts is [var key, _] && key == name)
            .Select(parts => long.Parse(parts[1], CultureInfo.InvariantCulture)).Single();

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Error, "The embedded store is full ({Used} bytes): it takes no new handshakes and messages until some are delivered. For so much, use a Redis.")]
        public static partial void Full(ILogger logger, long used);
    }
}
