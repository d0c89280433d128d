using Im.Client.Encryption;

namespace Im.Client.Messaging;

/// <summary>
/// What becomes of each message frame of the peer: the seq, which only the relay gives, drops what comes again after a
/// reconnect; the id, which the peer's tag covers, shows what the relay lost, repeated or moved. One caller at a time.
/// </summary>
/// <param name="decrypt">The text of a message with this id; null where the tag is wrong.</param>
internal sealed class ReceiveOrder(Func<string, long, string?> decrypt)
{
    /// <summary>Ranges of missing ids that are remembered. A message that comes later than that is called repeated.</summary>
    private const int MaxGaps = 1000;

    private readonly LinkedList<(long First, long Last)> _gaps = new();
    private long _lastId;

    public ReceiveOrder(SessionCipher cipher)
        : this(cipher.Decrypt)
    {
    }

    /// <summary>The highest seq so far.</summary>
    public long LastSeq { get; private set; }

    /// <summary>What the caller is to be shown for a frame; nothing for one that came before.</summary>
    public IEnumerable<ReceivedItem> Take(ServerFrame frame)
    {
        if (frame is not { Data: { } data, Seq: { } seq and > 0, SentAt: { } sentAt and >= 0 and < 253_402_300_800_000 } || seq > LastSeq + 1)
        {
            throw ServerFrame.Malformed();
        }

        if (seq <= LastSeq)
        {
            return [];
        }

        LastSeq = seq;
        if (frame.Id is not { } id || id < 1 || decrypt(data, id) is not { } text)
        {
            return [new RefusedMessage(frame.Id, RefusalReason.Tampered)];
        }

        if (id <= _lastId)
        {
            return [new RefusedMessage(id, Fill(id) ? RefusalReason.Reordered : RefusalReason.Repeated)];
        }

        var (first, last) = (_lastId + 1, id - 1);
        _lastId = id;
        var message = new ReceivedMessage(id, text, DateTimeOffset.FromUnixTimeMilliseconds(sentAt));
        if (first > last)
        {
            return [message];
        }

        Remember(first, last);
        return [new WithheldMessages(first, last), message];
    }

    private void Remember(long first, long last)
    {
        _gaps.AddLast((first, last));
        if (_gaps.Count > MaxGaps)
        {
            _gaps.RemoveFirst();
        }
    }

    /// <summary>Takes an id out of the missing ones; false where it is not missing.</summary>
    private bool Fill(long id)
    {
        for (var gap = _gaps.First; gap is not null; gap = gap.Next)
        {
            var (first, last) = gap.Value;
            if (id < first || id > last)
            {
                continue;
            }

            if (first < id)
            {
                _gaps.AddBefore(gap, (first, id - 1));
            }

            if (id < last)
            {
                _gaps.AddAfter(gap, (id + 1, last));
            }

            _gaps.Remove(gap);
            return true;
        }

        return false;
    }
}
