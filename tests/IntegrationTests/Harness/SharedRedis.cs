using System.Collections.Concurrent;
using Im.IntegrationTests.Harness;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace Im.IntegrationTests.Harness;

/// <summary>The stores that all tests share which do not harm them: a redis-server, and as soon as a test asks, a cluster and a sentinel.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private static readonly ConcurrentDictionary<string, bool> Shared = new();

    private readonly Lazy<Task<RedisCluster>> _cluster = new(RedisCluster.StartAsync);
    private readonly Lazy<Task<RedisSentinel>> _sentinel = new(() => RedisSentinel.StartAsync());
    private RedisServer? _server;

    /// <summary>The server. Asking skips the test where none is installed.</summary>
    public RedisServer Server
    {
        get
        {
            Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
            return _server!;
        }
    }

    /// <summary>Whether a connection string names one of these stores, which no test stops or slows down.</summary>
    public static bool IsShared(string connectionString) => Shared.ContainsKey(connectionString);

    /// <summary>Why a test on this store is skipped; null: it can run.</summary>
    public static string? Missing(StoreKind store) => store switch
    {
        StoreKind.EmbeddedGarnet => null,
        _ when !RedisServer.IsInstalled => RedisServer.NotInstalled,
        StoreKind.Sentinel when !RedisSentinel.IsInstalled => RedisSentinel.NotInstalled,
        _ => null,
    };

    /// <summary>What a node connects to; null: its own store. Asking skips the test where the store is not installed.</summary>
    public async Task<string?> ConnectionStringAsync(StoreKind store)
    {
        var missing = Missing(store);
        Assert.SkipUnless(missing is null, missing ?? "");
        var connectionString = store switch
        {
            StoreKind.EmbeddedGarnet => null,
            StoreKind.Redis => Server.ConnectionString,
            StoreKind.Cluster => (await _cluster.Value).ConnectionString,
            StoreKind.Sentinel => (await _sentinel.Value).ConnectionString,
            _ => throw new ArgumentOutOfRangeException(nameof(store)),
        };
        if (connectionString is not null)
        {
            Shared[connectionString] = true;
        }

        return connectionString;
    }

    public async ValueTask InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            _server = await RedisServer.StartAsync();
            Shared[_server.ConnectionString] = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }

        if (_sentinel.IsValueCreated)
        {
            await (await _sentinel.Value).DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
