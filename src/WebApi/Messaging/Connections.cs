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

    /// <summary>Each in the order of pairs. A slot holds a hundredth of what the node may hold, so that moving the rest is cheap.</summary>
    private readonly List<SocketConnection>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new List<SocketConnection>())];
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
            _slots[slot].Insert(PlaceOf(connection, _slots[slot]), connection);
        }

        return slot;
    }

    public void Remove(SocketConnection connection, int slot)
    {
        lock (_slots[slot])
        {
            var place = _slots[slot].IndexOf(connection, PlaceOf(connection, _slots[slot]));
            if (place >= 0)
            {
                _slots[slot].RemoveAt(place);
            }
        }
    }

    /// <summary>The connections of a slot at this moment, those of a pair side by side.</summary>
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

    /// <summary>What waits on all of them at this moment: answers that clients are owed, messages for their sockets.</summary>
    public (long Answers, long Messages) Depth()
    {
        var (answers, messages) = (0L, 0L);
        for (var slot = 0; slot < Slots; slot++)
        {
            foreach (var connection in Of(slot))
            {
                var depth = connection.Depth();
                answers += depth.Answers;
                messages += depth.Messages;
            }
        }

        return (answers, messages);
    }

    /// <summary>Before the first one of its pair, or where that would be.</summary>
    private static int PlaceOf(SocketConnection connection, List<SocketConnection> slot)
    {
        var pair = connection.Attachment.Session.Pair;
        var (from, to) = (0, slot.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = IsBefore(slot[middle].Attachment.Session.Pair, pair) ? (middle + 1, to) : (from, middle);
        }

        return from;
    }

    private static bool IsBefore(PairKey one, PairKey other) =>
        one.Lower < other.Lower || (one.Lower == other.Lower && one.Higher < other.Higher);
}
