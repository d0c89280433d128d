using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>
/// The node's connections, dealt over as many slots as the sweep has ticks, so that touching them spreads evenly, and both of
/// a pair are touched together; and the bound on their number. Thread-safe.
/// </summary>
internal sealed class Connections
{
    /// <summary>Slots, one a tick of the sweep.</summary>
    public const int Slots = 100;

    private readonly HashSet<SocketConnection>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new HashSet<SocketConnection>())];
    private int _count;

    /// <summary>Takes a place for a connection; false: the node is full.</summary>
    public bool TryEnter(int max)
    {
        if (Interlocked.Increment(ref _count) <= max)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);

    /// <summary>Where a pair's connections are.</summary>
    public static int SlotOf(PairKey pair) => (int)((uint)HashCode.Combine(pair.Lower.Number, pair.Higher.Number) % Slots);

    /// <summary>Adds an accepted connection; returns its slot, for <see cref="Remove"/>.</summary>
    public int Add(SocketConnection connection)
    {
        var slot = SlotOf(connection.Attachment.Session.Pair);
        lock (_slots[slot])
        {
            _slots[slot].Add(connection);
        }

        return slot;
    }

    public void Remove(SocketConnection connection, int slot)
    {
        lock (_slots[slot])
        {
            _slots[slot].Remove(connection);
        }
    }

    /// <summary>The connections of a slot at this moment.</summary>
    public SocketConnection[] Of(int slot)
    {
        lock (_slots[slot])
        {
            return [.. _slots[slot]];
        }
    }

    /// <summary>Whether no place is taken: no connection is open, and none is about to be.</summary>
    public bool AreNone() => Volatile.Read(ref _count) == 0;

    /// <summary>All connections at this moment.</summary>
    public SocketConnection[] All() => [.. Enumerable.Range(0, Slots).SelectMany(Of)];
}
