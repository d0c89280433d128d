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

    private const string FolderPrefix = "im-store-";
    private const string SocketName = "store.sock";

    private GarnetServer? _server;
    private DirectoryInfo? _folder;

    /// <summary>The Unix socket.</summary>
    public EndPoint EndPoint => new UnixDomainSocketEndPoint(SocketPath);

    private string SocketPath => Path.Combine(
        (_folder ?? throw new InvalidOperationException("The embedded store has not started.")).FullName, SocketName);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsEmbedded)
        {
            return Task.CompletedTask;
        }

        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, MinThreads), Math.Max(ports, MinThreads));

        RemoveRemains();

        // Readable by this user only.
        _folder = Directory.CreateTempSubdirectory(FolderPrefix);
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

    /// <summary>Removes what nodes left that were killed: an empty folder with a socket on which nobody listens. There is nothing else in it, ever.</summary>
    private static void RemoveRemains()
    {
        foreach (var folder in new DirectoryInfo(Path.GetTempPath()).EnumerateDirectories(FolderPrefix + "*"))
        {
            try
            {
                using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, SocketName)));
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionRefused)
            {
                TryDelete(folder);
            }
            catch (SocketException)
            {
                // Another user's, or one that is just being made.
            }
        }
    }

    private static void TryDelete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another node was quicker, or may, where this one may not.
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
