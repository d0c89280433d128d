namespace Im.IntegrationTests.Harness;

/// <summary>A Redis Cluster of the tests' own: three shards without replicas, on free loopback ports, in memory only.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private RedisCluster(RedisServer[] shards) => Shards = shards;

    public IReadOnlyList<RedisServer> Shards { get; }

    /// <summary>Two of the shards; a client finds the third by them.</summary>
    public string ConnectionString => $"{Shards[0].ConnectionString},{Shards[1].ConnectionString}";

    /// <summary>Starts three servers, deals out the slots, and waits until every shard knows all of them.</summary>
    public static async Task<RedisCluster> StartAsync()
    {
        // The port of the cluster's own traffic is named: the usual one, 10000 above, may be taken or beyond the last port.
        var started = new List<(RedisServer Server, int BusPort)>();
        for (var i = 0; i < 3; i++)
        {
            var busPort = 0;
            var server = await RedisServer.StartAsync(() =>
                ["--cluster-enabled", "yes", "--cluster-port", $"{busPort = FreePort.Find()}", "--cluster-node-timeout", "30000"]);
            started.Add((server, busPort));
        }

        var cluster = new RedisCluster([.. started.Select(one => one.Server)]);
        for (var i = 0; i < started.Count; i++)
        {
            await cluster.TellAsync(i, "SET-CONFIG-EPOCH", i + 1);
            await cluster.TellAsync(i, "ADDSLOTSRANGE", Slots * i / started.Count, (Slots * (i + 1) / started.Count) - 1);
        }

        foreach (var (server, busPort) in started.Skip(1))
        {
            await cluster.TellAsync(0, "MEET", "127.0.0.1", server.Port, busPort);
        }

        await Eventually.HoldsAsync("every shard knows the whole cluster", async () =>
        {
            var infos = await Task.WhenAll(started.Select((_, shard) => cluster.TellAsync(shard, "INFO")));
            return infos.All(info => info.Contains("cluster_state:ok") && info.Contains($"cluster_known_nodes:{started.Count}") && info.Contains($"cluster_slots_ok:{Slots}"));
        }, 2 * Eventually.Deadline);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in Shards)
        {
            await shard.DisposeAsync();
        }
    }

    private async Task<string> TellAsync(int shard, string command, params object[] arguments)
    {
        await using var connection = await Shards[shard].ConnectAsync();
        return (string)(await connection.GetServer(Shards[shard].ConnectionString).ExecuteAsync("CLUSTER", [command, .. arguments]))!;
    }
}
