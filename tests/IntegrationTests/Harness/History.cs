namespace Im.IntegrationTests.Harness;

/// <summary>What a counting client did, or was told. In brackets what <see cref="Event.Number"/>, <see cref="Event.Other"/> say.</summary>
internal enum Did
{
    /// <summary>Asked for a connection (the highest seq it has, which acknowledges it).</summary>
    Connecting,

    /// <summary>Was told that it has caught up (the last seq the store gave it, the last id the store has of it).</summary>
    Ready,

    /// <summary>Sent a message, for the first time or again (id).</summary>
    Sent,

    /// <summary>Was told that the store has a message, by <c>sent</c> or by <c>ready</c> (id).</summary>
    Answered,

    /// <summary>Had a message refused (id, code).</summary>
    Refused,

    /// <summary>Got a message on a connection, perhaps one that it has (seq, id).</summary>
    Received,

    /// <summary>Took a message that it did not have (seq, id).</summary>
    Taken,

    /// <summary>Acknowledged (seq).</summary>
    Acknowledged,

    /// <summary>Was told what its peer acknowledged (seq).</summary>
    Delivered,

    /// <summary>The connection ended (close code; 1006: lost).</summary>
    Closed,
}

/// <summary>One line of a history.</summary>
/// <param name="Order">Counts over all histories of this process, so that what one client did stands before what another was told of it.</param>
/// <param name="At">Since the history began.</param>
/// <param name="Connection">Which of the client's connections, 1, 2, 3 …</param>
/// <param name="What">What happened.</param>
/// <param name="Number">What it was about; see <see cref="Did"/>.</param>
/// <param name="Other">What else it was about; see <see cref="Did"/>.</param>
/// <param name="Data">The message's text, where there is one.</param>
internal sealed record Event(long Order, TimeSpan At, int Connection, Did What, long Number, long Other = 0, string? Data = null);

/// <summary>Everything that one client did and was told, in order. Thread-safe.</summary>
internal sealed class History(TimeProvider clock)
{
    private static long _order;

    private readonly long _start = clock.GetTimestamp();
    private readonly List<Event> _events = [];

    public IReadOnlyList<Event> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public IEnumerable<Event> Of(Did what) => Events.Where(happened => happened.What == what);

    public void Add(int connection, Did what, long number, long other = 0, string? data = null)
    {
        lock (_events)
        {
            _events.Add(new Event(Interlocked.Increment(ref _order), clock.GetElapsedTime(_start), connection, what, number, other, data));
        }
    }
}
