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

    public static async Task<StoreView> ConnectAsync(TestNode node)
    {
        var external = node.Services.GetRequiredService<IOptions<RedisOptions>>().Value.ConnectionString;
        var options = string.IsNullOrEmpty(external) ? new ConfigurationOptions { EndPoints = { EmbeddedOf(node) } } : ConfigurationOptions.Parse(external);
        options.AllowAdmin = true;
        return new StoreView(await ConnectionMultiplexer.ConnectAsync(options));
    }

    /// <summary>All keys of a pair.</summary>
    public async Task<string[]> KeysOfAsync(long one, long other)
    {
        var found = new List<string>();
        await foreach (var key in _connection.GetServers()[0].KeysAsync(pattern: $"*{Math.Min(one, other)}_{Math.Max(one, other)}*"))
        {
            found.Add(key.ToString());
        }

        return [.. found];
    }

    /// <summary>Cuts every subscription, as a network does.</summary>
    public Task CutSubscriptionsAsync() => Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");

    public Task EmptyAsync() => Database.ExecuteAsync("FLUSHALL");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static EndPoint EmbeddedOf(TestNode node) => node.Services.GetRequiredService<EmbeddedGarnet>().EndPoint;
}
