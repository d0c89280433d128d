using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Harness;

/// <summary>
/// A node that the tests of one suite share. A suite is an abstract class that takes this, with one sealed class per store
/// that takes <see cref="GarnetNode"/>, <see cref="RedisNode"/>, <see cref="ClusterNode"/> or <see cref="SentinelNode"/>.
/// </summary>
public abstract class NodeFixture(StoreKind store, SharedRedis redis) : IAsyncLifetime
{
    private TestNode? _node;

    public StoreKind Store { get; } = store;

    /// <summary>The running node. Asking skips the test where its store is not installed.</summary>
    public TestNode Node
    {
        get
        {
            Assert.SkipWhen(_node is null, SharedRedis.Missing(Store) ?? "");
            return _node!;
        }
    }

    /// <summary>Another node on the same store, where there is one; otherwise the node itself.</summary>
    public virtual TestNode Other => Node;

    /// <summary>A node of the test's own on a store of the same kind, for a test that needs other settings or harms the node.</summary>
    public async Task<TestNode> StartAnotherAsync(params string[] args) => await TestNode.StartPatientAsync(await redis.ConnectionStringAsync(Store), args);

    /// <summary>The same with services that are the test's own.</summary>
    public async Task<TestNode> StartAnotherAsync(Action<IServiceCollection> replace, params string[] args) =>
        await TestNode.StartAsync(await redis.ConnectionStringAsync(Store), services => replace(Patient(services)), args);

    public virtual async ValueTask InitializeAsync() =>
        _node = SharedRedis.Missing(Store) is null ? await StartAnotherAsync() : null;

    public virtual async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private static IServiceCollection Patient(IServiceCollection services)
    {
        TestNode.BePatient(services);
        return services;
    }
}

/// <summary>A node on its own embedded store.</summary>
public sealed class GarnetNode(SharedRedis redis) : NodeFixture(StoreKind.EmbeddedGarnet, redis);

/// <summary>A node on the tests' redis-server.</summary>
public sealed class RedisNode(SharedRedis redis) : NodeFixture(StoreKind.Redis, redis);

/// <summary>A node on the tests' Redis Cluster.</summary>
public sealed class ClusterNode(SharedRedis redis) : NodeFixture(StoreKind.Cluster, redis);

/// <summary>A node on the master that the tests' sentinel names.</summary>
public sealed class SentinelNode(SharedRedis redis) : NodeFixture(StoreKind.Sentinel, redis);

/// <summary>A node on the tests' redis-server, and another one beside it.</summary>
public sealed class RedisNodes(SharedRedis redis) : NodeFixture(StoreKind.Redis, redis)
{
    private TestNode? _other;

    public override TestNode Other => _other ?? Node;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _other = RedisServer.IsInstalled ? await StartAnotherAsync() : null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}

/// <summary>Two nodes on the tests' redis-server: what one accepts, the other delivers.</summary>
public sealed class TwoNodes(SharedRedis redis) : IAsyncLifetime
{
    private TestNode? _one;
    private TestNode? _other;

    public TestNode One => Started(_one);

    public TestNode Other => Started(_other);

    public async ValueTask InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            _one = await TestNode.StartPatientAsync(redis.Server.ConnectionString);
            _other = await TestNode.StartPatientAsync(redis.Server.ConnectionString);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in new[] { _one, _other })
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static TestNode Started(TestNode? node)
    {
        Assert.SkipUnless(node is not null, RedisServer.NotInstalled);
        return node!;
    }
}
