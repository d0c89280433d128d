using System.Diagnostics;
using StackExchange.Redis;

namespace Im.IntegrationTests.Harness;

/// <summary>A master, its replica, and a sentinel that makes the replica master when the master is gone; memory only, on free loopback ports.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    /// <summary>Why a test that needs one is skipped.</summary>
    public const string NotInstalled = "redis-sentinel is not installed.";

    private const string Service = "im";

    private readonly Process _process;
    private readonly string _folder;
    private readonly int _port;
    private readonly ConnectionMultiplexer _connection;

    private RedisSentinel(RedisServer master, RedisServer replica, Process process, string folder, int port, ConnectionMultiplexer connection)
    {
        Master = master;
        Replica = replica;
        _process = process;
        _folder = folder;
        _port = port;
        _connection = connection;
    }

    public static bool IsInstalled { get; } = RedisServer.IsInstalled && Executable.Find("redis-sentinel") is not null;

    /// <summary>The first master; after a fail-over the replica is.</summary>
    public RedisServer Master { get; }

    public RedisServer Replica { get; }

    public string ConnectionString => $"127.0.0.1:{_port},serviceName={Service}";

    /// <summary>Starts all three and waits until a fail-over could succeed.</summary>
    /// <param name="flags">Further flags of master and replica.</param>
    public static async Task<RedisSentinel> StartAsync(params string[] flags)
    {
        // Without delay: a replica that waits to be joined by others only costs the tests time.
        var master = await RedisServer.StartAsync(["--repl-diskless-sync-delay", "0", .. flags]);
        var replica = await RedisServer.StartAsync(["--replicaof", "127.0.0.1", $"{master.Port}", "--repl-diskless-sync-delay", "0", .. flags]);
        await ReplicatedAsync(master);

        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find();
            var folder = Directory.CreateTempSubdirectory("im-sentinel-").FullName;
            var process = Launch(port, folder, master);
            if (await RedisServer.AnswersAsync(process, port, CommandMap.Sentinel))
            {
                var connection = await ConnectionMultiplexer.SentinelConnectAsync($"127.0.0.1:{port}");
                var sentinel = new RedisSentinel(master, replica, process, folder, port, connection);
                await Eventually.HoldsAsync("the sentinel knows the replica", async () =>
                    (await sentinel.Server.SentinelReplicasAsync(Service)).Any(known => known.Contains(KeyValuePair.Create("master-link-status", "ok"))));
                return sentinel;
            }

            // Another process took the port between the look and the start.
            await Executable.EndAsync(process);
            Directory.Delete(folder, recursive: true);
            Assert.True(attempt < 5, "redis-sentinel did not start.");
        }
    }

    /// <summary>
    /// Makes the replica master, as an operator does before maintenance; returns when the old master knows of it. That takes
    /// ten seconds, in which both call themselves master.
    /// </summary>
    public async Task FailOverAsync()
    {
        await BeginFailOverAsync();
        await EndFailOverAsync();
    }

    /// <summary>The same; returns as soon as the replica is master, and the old one does not know.</summary>
    public async Task BeginFailOverAsync()
    {
        await Server.SentinelFailoverAsync(Service);
        await SwitchedAsync();
    }

    /// <summary>Returns when the old master knows that it is one no more.</summary>
    public async Task EndFailOverAsync()
    {
        await using var connection = await Master.ConnectAsync();
        await Eventually.HoldsAsync("the old master is a replica", () => IsReplicaAsync(connection), 2 * Eventually.Deadline);
    }

    /// <summary>The sentinel cuts the connections of a master that it demotes, this one among them: then it is asked again.</summary>
    private static async Task<bool> IsReplicaAsync(ConnectionMultiplexer connection)
    {
        try
        {
            return (await connection.GetServers()[0].RoleAsync()).Value == "slave";
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Ends the master without a goodbye; returns when the sentinel names the replica.</summary>
    public async Task KillMasterAsync()
    {
        await Master.KillAsync();
        await Server.ExecuteAsync("SENTINEL", "SET", Service, "down-after-milliseconds", "1000");
        await SwitchedAsync();
    }

    /// <summary>Waits until the replica has all that the master has at this moment.</summary>
    public Task ReplicatedAsync() => ReplicatedAsync(Master);

    /// <summary>How many nodes are subscribed to this channel on what was the replica.</summary>
    public async Task<long> SubscribersAsync(string channel)
    {
        await using var connection = await Replica.ConnectAsync();
        return await connection.GetServers()[0].SubscriptionSubscriberCountAsync(RedisChannel.Literal(channel));
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await Executable.EndAsync(_process);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
    }

    private IServer Server => _connection.GetServers()[0];

    /// <summary>Waits until the sentinel names the replica as master.</summary>
    private Task SwitchedAsync() => Eventually.HoldsAsync(
        "the sentinel names the replica as master",
        async () => await Server.SentinelGetMasterAddressByNameAsync(Service) is { } master && EndPointCollection.ToString(master) == Replica.ConnectionString,
        2 * Eventually.Deadline);

    /// <summary>By writing something: what a replica is sent right after it has connected may wait for a second.</summary>
    private static async Task ReplicatedAsync(RedisServer master)
    {
        await using var connection = await master.ConnectAsync();
        await Eventually.HoldsAsync("the replica has what the master has", async () =>
        {
            try
            {
                await connection.GetDatabase().StringSetAsync("im:replicated", "", TimeSpan.FromSeconds(1));
                return (long)await connection.GetDatabase().ExecuteAsync("WAIT", 1, 1000) == 1;
            }
            catch (RedisServerException refused) when (refused.Message.StartsWith("NOREPLICAS", StringComparison.Ordinal))
            {
                return false;
            }
        });
    }

    /// <summary>Its settings must be a file that it can write: it keeps there what it knows of the servers.</summary>
    private static Process Launch(int port, string folder, RedisServer master)
    {
        var settings = Path.Combine(folder, "sentinel.conf");
        File.WriteAllLines(settings,
        [
            $"port {port}", "bind 127.0.0.1", $"dir {folder}",
            $"sentinel monitor {Service} 127.0.0.1 {master.Port} 1",

            // Until a test ends the master: one that a busy machine kept from answering for a moment is not down.
            $"sentinel down-after-milliseconds {Service} 60000",
            $"sentinel failover-timeout {Service} 10000",
        ]);
        return Executable.Launch("redis-sentinel", [settings]);
    }
}
