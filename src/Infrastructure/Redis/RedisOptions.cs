namespace Im.Infrastructure.Redis;

/// <summary>Settings of the store; section <c>Redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>A StackExchange.Redis configuration string. Null or empty: the node hosts a store of its own, in memory.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>True: the node refuses to start on a store that writes to disk or may evict.</summary>
    public bool RequireEphemeral { get; set; }

    /// <summary>Whether the node hosts its own store.</summary>
    internal bool IsEmbedded => string.IsNullOrWhiteSpace(ConnectionString);
}
