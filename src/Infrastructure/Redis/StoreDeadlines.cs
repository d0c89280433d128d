namespace Im.Infrastructure.Redis;

/// <summary>How long the node waits for an answer of its store, by its own clock; the client library's own time-outs are coarse.</summary>
internal sealed record StoreDeadlines
{
    /// <summary>Of any call, from the moment its cause was read: a frame is answered within two seconds, also while the store is away.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Of a call that only counts; shorter, since what waits for it would only like to know.</summary>
    public TimeSpan Count { get; init; } = TimeSpan.FromSeconds(0.25);
}
