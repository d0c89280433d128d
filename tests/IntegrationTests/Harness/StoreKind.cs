namespace Im.IntegrationTests.Harness;

/// <summary>The stores that every suite of the store runs on.</summary>
public enum StoreKind
{
    /// <summary>The node's own, in process.</summary>
    EmbeddedGarnet,

    /// <summary>A redis-server of the tests' own.</summary>
    Redis,

    /// <summary>A Redis Cluster of three shards.</summary>
    Cluster,

    /// <summary>A master and a replica that a sentinel watches.</summary>
    Sentinel,
}
