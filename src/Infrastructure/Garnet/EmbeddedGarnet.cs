using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.server;
using Im.Infrastructure.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Im.Infrastructure.Garnet;

/// <summary>
/// The store that the node hosts when none is configured: Garnet, in this process, in memory only, on a Unix socket in a
/// private folder. Starts and ends with the host; the folder goes with it.
/// </summary>
/// <remarks>Built from options, never from arguments: those can end the process and open a TCP port beside the socket.</remarks>
internal sealed partial class EmbeddedGarnet(IOptions<RedisOptions> options, ILogger<EmbeddedGarnet> logger) : IHostedService, IDisposable
{
    /// <summary>
    /// Worker threads that must be there at once. On few cores the store blocks pool threads, and with the default minimum
    /// the whole process was seen to stall for seconds.
    /// </summary>
    private const int MinThreads = 32;

    /// <summary>Seconds between sweeps for expired keys; without them memory would come back only when a key is asked for.</summary>
    private const int ExpirySweepSeconds = 5;

    private GarnetServer? _server;
    private DirectoryInfo? _folder;

    /// <summary>The Unix socket.</summary>
    public EndPoint EndPoint => new UnixDomainSocketEndPoint(SocketPath);

    private string SocketPath => Path.Combine(
        (_folder ?? throw new InvalidOperationException("The embedded store has not started.")).FullName, "store.sock");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsEmbedded)
        {
            return Task.CompletedTask;
        }

        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, MinThreads), Math.Max(ports, MinThreads));

        // Readable by this user only.
        _folder = Directory.CreateTempSubdirectory("im-store-");
        _server = new GarnetServer(Configure(SocketPath));
        _server.Start();
        Log.Started(logger);
        return Task.CompletedTask;
    }

    /// <summary>Nothing: the sockets' goodbyes still need the store; it ends when the host is disposed.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        Interlocked.Exchange(ref _server, null)?.Dispose();
        if (Interlocked.Exchange(ref _folder, null) is { Exists: true } folder)
        {
            folder.Delete(recursive: true);
        }
    }

    private static GarnetServerOptions Configure(string socketPath) => new(null)
    {
        EndPoints = [new UnixDomainSocketEndPoint(socketPath)],
        UnixSocketPath = socketPath,
        UnixSocketPermission = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        EnableLua = true,

        // Without it scripts are not atomic.
        LuaTransactionMode = true,
        LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),

        // Room, not use: a log that is full silently drops what was written long ago, however little of it is alive.
        LogMemorySize = "1g",

        // So the room of what is deleted is used again: without it every queue that empties and fills takes 88 bytes for good.
        UseRevivBinsPowerOf2 = true,
        RevivifiableFraction = 1.0,
        ExpiredKeyDeletionScanFrequencySecs = ExpirySweepSeconds,
        QuietMode = true,
    };

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Information, "Started the embedded store: in memory, for this node only, gone with it.")]
        public static partial void Started(ILogger logger);
    }
}
