using System.Net;
using Im.Infrastructure.Garnet;
using Im.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Im.IntegrationTests.Harness;

/// <summary>A look into a node's store beside the node: which keys there are and how long they live.</summary>
internal sealed class StoreView : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;

    private StoreView(ConnectionMultiplexer connection) => _connection = connection;

    public IDatabase Database => _connection.GetDatabase();

    /// <summary>One server, or a cluster's shards.</summary>
    private IEnumerable<IServer> Masters => _connection.GetServers().Where(server => !server.IsReplica);

    public static async Task<StoreView> ConnectAsync(TestNode node)
    {
        var external = node.Services.GetRequiredService<IOptions<RedisOptions>>().Value.ConnectionString;
        var options = string.IsNullOrEmpty(external) ? new ConfigurationOptions { EndPoints = { EmbeddedOf(node) } } : ConfigurationOptions.Parse(external);
        options.AllowAdmin = true;
        return new StoreView(await ConnectionMultiplexer.ConnectAsync(options));
    }

    /// <summary>All keys of a pair.</summary>
    public Task<string[]> KeysOfAsync(long one, long other) => KeysLikeAsync($"*{Math.Min(one, other)}_{Math.Max(one, other)}*");

    /// <summary>All keys that match.</summary>
    public async Task<string[]> KeysLikeAsync(string pattern)
    {
        var found = new List<string>();
        foreach (var server in Masters)
        {
            await foreach (var key in server.KeysAsync(pattern: pattern))
            {
                found.Add(key.ToString());
            }
        }

        return [.. found];
    }

    /// <summary>Cuts every subscription, as a network does.</summary>
    public Task CutSubscriptionsAsync() => OnMastersAsync("CLIENT", "KILL", "TYPE", "pubsub");

    public Task EmptyAsync() => OnMastersAsync("FLUSHALL");

    /// <summary>On each shard of a cluster, how many nodes are subscribed to this sharded channel.</summary>
    public Task<long[]> ShardSubscribersAsync(string channel) => Task.WhenAll(
        Masters.Select(async server => (long)(await server.ExecuteAsync("PUBSUB", "SHARDNUMSUB", channel))[1]));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task OnMastersAsync(string command, params object[] arguments)
    {
        foreach (var server in Masters)
        {
            await server.ExecuteAsync(command, arguments);
        }
    }

    private static EndPoint EmbeddedOf(TestNode node) => node.Services.GetRequiredService<EmbeddedGarnet>().EndPoint;
}
