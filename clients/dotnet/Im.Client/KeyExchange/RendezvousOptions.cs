namespace Im.Client;

/// <summary>How a rendezvous goes.</summary>
public sealed class RendezvousOptions
{
    /// <summary>Where the key comes from. <see cref="KeyMode.PublicKeys"/> by default, and never changed by itself.</summary>
    public KeyMode KeyMode { get; init; }

    /// <summary>
    /// How long to wait for the peer and for a server that is away; five minutes by default, at most a day;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: until cancelled.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told what happens meanwhile. Null: nobody is.</summary>
    public IProgress<RendezvousProgress>? Progress { get; init; }
}
