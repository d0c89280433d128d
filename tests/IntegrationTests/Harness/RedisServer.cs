using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Im.IntegrationTests.Harness;

/// <summary>A redis-server process of the tests' own: on a free loopback port, in memory only, in a private folder.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>Why a test that needs one is skipped.</summary>
    public const string NotInstalled = "redis-server is not installed.";

    private readonly string _folder;
    private readonly string[] _flags;
    private Process _process;

    private RedisServer(Process process, int port, string folder, string[] flags)
    {
        _process = process;
        Port = port;
        _folder = folder;
        _flags = flags;
    }

    public static bool IsInstalled { get; } = Executable.Find("redis-server") is not null;

    public int Port { get; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Where it would keep files, if it kept any.</summary>
    public string Folder => _folder;

    public int ProcessId => _process.Id;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="flags">Further flags of redis-server; they come last, so they win.</param>
    public static Task<RedisServer> StartAsync(params string[] flags) => StartAsync(() => flags);

    /// <summary>Starts one whose flags name further ports: they are asked for anew for every attempt.</summary>
    public static async Task<RedisServer> StartAsync(Func<string[]> flagsOf)
    {
        for (var attempt = 1; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("im-redis-").FullName;
            var port = FreePort.Find();
            var flags = flagsOf();
            var process = Launch(port, folder, flags);
            if (await AnswersAsync(process, port))
            {
                return new RedisServer(process, port, folder, flags);
            }

            // Another process took the port between the look and the start.
            await Executable.EndAsync(process);
            Directory.Delete(folder, recursive: true);
            Assert.True(attempt < 5, "redis-server did not start.");
        }
    }

    /// <summary>Ends it without a goodbye, as a crash does. Everything it held is gone.</summary>
    public Task KillAsync() => Executable.EndAsync(_process);

    /// <summary>Starts it again on the same port, empty.</summary>
    public async Task RestartAsync()
    {
        await Executable.EndAsync(_process);
        _process = Launch(Port, _folder, _flags);
        Assert.True(await AnswersAsync(_process, Port), "redis-server did not start again.");
    }

    /// <summary>Stops it in its tracks: connections stay, nothing is answered.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>Lets it run on.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>A connection to it with leave to do anything (FLUSHALL, CONFIG, KEYS).</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync($"{ConnectionString},allowAdmin=true");

    public async ValueTask DisposeAsync()
    {
        await Executable.EndAsync(_process);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Launch(int port, string folder, string[] flags) => Executable.Launch("redis-server",
    [
        "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--repl-diskless-load", "swapdb", .. flags,
    ]);

    /// <summary>Waits until this process, and no other, answers on the port. False: it ended, or the time is up.</summary>
    /// <param name="process">A redis-server or a redis-sentinel.</param>
    /// <param name="port">Its port.</param>
    /// <param name="commands">What may be asked of it, where that is not everything.</param>
    public static async Task<bool> AnswersAsync(Process process, int port, CommandMap? commands = null)
    {
        var until = DateTime.UtcNow + (2 * Eventually.Deadline);
        while (DateTime.UtcNow < until && !process.HasExited)
        {
            try
            {
                // First without the library, which takes its whole time where nobody listens yet.
                using (var tcp = new TcpClient())
                {
                    await tcp.ConnectAsync(IPAddress.Loopback, port);
                }

                var options = new ConfigurationOptions { EndPoints = { new IPEndPoint(IPAddress.Loopback, port) }, ConnectTimeout = 5000, AllowAdmin = true, CommandMap = commands ?? CommandMap.Default };
                await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
                var info = await connection.GetServers()[0].InfoRawAsync("server");

                // Asked who it is, since on a clash another server answers on this port.
                return info?.Contains($"process_id:{process.Id}", StringComparison.Ordinal) == true;
            }
            catch (Exception failure) when (failure is SocketException or RedisException or TimeoutException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, $"{ProcessId}"]);
        kill.WaitForExit();
    }
}
