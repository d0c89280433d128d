using Im.Client.Accounts;

namespace Im.Client.Messaging;

/// <summary>
/// What becomes of each message frame of the peer: the seq, which only the relay gives, drops what comes again after a
/// reconnect; the id, which the peer's tag covers, shows what the relay lost, repeated or moved. One caller at a time.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="self">This user.</param>
/// <param name="peer">The other one.</param>
/// <param name="decrypt">The text of a message with this id; null where the tag is wrong.</param>
internal sealed class ReceiveOrder(string session, long self, long peer, Func<string, long, string?> decrypt)
{
    /// <summary>Ranges of missing ids that are remembered. A message that comes later than that is called repeated.</summary>
    private const int MaxGaps = 100;

    private readonly LinkedList<(long First, long Last)> _gaps = new();
    private long _lastId;

    /// <summary>The highest seq so far.</summary>
    public long LastSeq { get; private set; }

    /// <summary>What the caller is to be shown for a frame; nothing for one that came before.</summary>
    public IEnumerable<ReceivedItem> Take(ServerFrame frame)
    {
        if (frame is not { Data: { } data, Seq: { } seq and > 0, SentAt: { } sentAt and >= 0 and < 253_402_300_800_000 })
        {
            throw ServerFrame.Malformed();
        }

        if (seq <= LastSeq)
        {
            return [];
        }

        // A seq that the relay leaves out is not looked at: the peer's own count tells what is missing, and is covered by the tag.
        LastSeq = seq;
        var isTheirs = frame.FromUserId == peer && frame.ToUserId == self && frame.Session == session;
        if (!isTheirs || frame.Id is not { } id || !IsCount(id) || decrypt(data, id) is not { } text)
        {
            return [new RefusedMessage(isTheirs && frame.Id is { } claimed && IsCount(claimed) ? claimed : null, RefusalReason.Tampered)];
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

    private static bool IsCount(long id) => id is >= 1 and <= Users.Last;

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
