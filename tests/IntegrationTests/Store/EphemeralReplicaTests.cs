using Im.Infrastructure;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>A node that asks for a store which writes nothing to disk asks every master and replica, and no sentinel.</summary>
public sealed class EphemeralReplicaTests(SharedRedis redis)
{
    [Theory]
    [InlineData(StoreKind.Redis)]
    [InlineData(StoreKind.Cluster)]
    [InlineData(StoreKind.Sentinel)]
    public async Task A_store_in_memory_only_is_taken(StoreKind store)
    {
        Assert.SkipWhen(SharedRedis.Missing(store) is not null, SharedRedis.Missing(store) ?? "");

        await using var node = await TestNode.StartPatientAsync(await redis.ConnectionStringAsync(store), "--Redis:RequireEphemeral=true");

        Assert.DoesNotContain(node.Logs.Lines, line => line.Text.Contains("should never be on a disk"));
    }

    [Fact]
    public async Task A_replica_that_writes_what_it_receives_to_disk_is_refused()
    {
        Assert.SkipUnless(RedisSentinel.IsInstalled, RedisSentinel.NotInstalled);
        await using var own = await RedisSentinel.StartAsync();
        await using var connection = await own.Replica.ConnectAsync();
        await connection.GetServers()[0].ConfigSetAsync("repl-diskless-load", "disabled");

        var refused = await Assert.ThrowsAsync<StartupException>(() => TestNode.StartPatientAsync(own.ConnectionString, "--Redis:RequireEphemeral=true"));

        Assert.Contains($"{own.Replica.Port}", refused.Message);
    }
}
