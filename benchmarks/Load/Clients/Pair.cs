using System.Buffers.Text;

namespace Im.Load.Clients;

/// <summary>Two users, of whom one sends and the other checks: each message in its place, none missing, none twice, none of another pair.</summary>
internal sealed class Pair(int number, IDeliveries deliveries)
{
    /// <summary>The least a payload holds: pair, number and stamp in hex.</summary>
    internal const int LeastPayload = 8 + 12 + 16;

    internal int Number => number;

    internal long SenderId => 2L * (number + 1);

    internal long ReceiverId => SenderId + 1;

    /// <summary>The session they exchanged, for systems that have one.</summary>
    internal string? Session { get; set; }

    /// <summary>Messages sent so far.</summary>
    internal long Sent { get; private set; }

    /// <summary>Messages that arrived so far.</summary>
    internal long Arrived { get; private set; }

    /// <summary>Writes the next message's payload.</summary>
    /// <param name="data">As long as payloads are to be.</param>
    /// <param name="stamp">When the message was due; it comes back with the delivery.</param>
    /// <returns>The message's number: 1, 2, 3 …</returns>
    internal long Fill(Span<byte> data, long stamp)
    {
        Sent++;
        Utf8Formatter.TryFormat(number, data, out _, new('X', 8));
        Utf8Formatter.TryFormat(Sent, data[8..], out _, new('X', 12));
        Utf8Formatter.TryFormat(stamp, data[20..], out _, new('X', 16));
        data[LeastPayload..].Fill((byte)'x');
        return Sent;
    }

    /// <summary>A payload arrived at the receiver.</summary>
    /// <param name="length">How long payloads are.</param>
    internal void Arrive(ReadOnlySpan<byte> data, int length)
    {
        if (data.Length != length
            || !Utf8Parser.TryParse(data[..8], out int from, out _, 'X')
            || !Utf8Parser.TryParse(data[8..20], out long place, out _, 'X')
            || !Utf8Parser.TryParse(data[20..LeastPayload], out long stamp, out _, 'X'))
        {
            throw new LoadException($"Pair {number}: a payload was changed on its way.");
        }

        if (from != number)
        {
            throw new LoadException($"Pair {number}: a message of pair {from} arrived.");
        }

        if (place != Arrived + 1)
        {
            throw new LoadException($"Pair {number}: message {place} arrived where {Arrived + 1} was due: {(place <= Arrived ? "it came twice or out of order" : "one is lost or out of order")}.");
        }

        Arrived = place;
        deliveries.Delivered(this, stamp);
    }
}

/// <summary>Is told of each message that arrived.</summary>
internal interface IDeliveries
{
    /// <param name="stamp">The one it was sent with.</param>
    void Delivered(Pair pair, long stamp);
}
