using Im.Application.Messaging;
using Im.WebApi.Telemetry;

namespace Im.WebApi.Messaging;

/// <summary>
/// Puts one connection's incoming messages in order. Publications bring them at once, but may be lost, doubled or out of
/// order; the store's queue has them all. So: what comes in order goes on, what leaves a gap waits a moment for the
/// straggler, and then the queue is read until nothing is missing. Not thread-safe: the owner holds its lock.
/// </summary>
/// <remarks>Buffers at most <see cref="MaxBytes"/> in order, as much out of order, and one page; what a slow reader does not take stays in the store.</remarks>
internal sealed class MessageOrder
{
    /// <summary>Bytes of messages that wait here for the socket at most; beyond, they are left to the store.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Publications that wait for an earlier one at most.</summary>
    public const int MaxStragglers = 64;

    private readonly Queue<ReadOnlyMemory<byte>> _ready = new();
    private readonly List<SessionEvent.MessagesStored> _early = [];
    private int _bytes;
    private bool _behind;

    /// <summary>The seq that follows the last of <see cref="_ready"/>.</summary>
    private long _tail;

    /// <summary>Begins behind what the user has acknowledged.</summary>
    /// <param name="acknowledged">What the user has.</param>
    /// <param name="lastSeq">The last seq that the store gave; up to it the queue is read.</param>
    public MessageOrder(long acknowledged, long lastSeq)
    {
        _tail = acknowledged + 1;
        Known = lastSeq;
        _behind = lastSeq > acknowledged;
    }

    /// <summary>The highest seq known to exist.</summary>
    public long Known { get; private set; }

    /// <summary>The seq that the socket gets next.</summary>
    public long Next => _tail - _ready.Count;

    /// <summary>A message is missing and nothing has been done about it yet: wait a moment, then call <see cref="GiveUpWaiting"/>.</summary>
    public bool HasGap => !_behind && Known >= _tail;

    /// <summary>Whether the queue must be read, from <see cref="Next"/> on.</summary>
    public bool NeedsPage => _behind && _ready.Count == 0;

    /// <summary>A publication arrived.</summary>
    public void Offer(SessionEvent.MessagesStored stored)
    {
        Known = Math.Max(Known, stored.LastSeq);
        if (_behind || stored.LastSeq < _tail)
        {
            return;
        }

        if (stored.FirstSeq > _tail)
        {
            Stash(stored);
            return;
        }

        Append(stored);
        TakeEarly();
    }

    /// <summary>The sweep or an answer says how far the store has come.</summary>
    public void Learn(long lastSeq) => Known = Math.Max(Known, lastSeq);

    /// <summary>The straggler did not come: the queue is read.</summary>
    public void GiveUpWaiting()
    {
        if (HasGap)
        {
            NodeMetrics.GapFound();
            FallBehind();
        }
    }

    /// <summary>A page of the queue, read from <see cref="Next"/> on.</summary>
    /// <param name="page">The page.</param>
    /// <param name="knownBefore"><see cref="Known"/> before it was asked for: what is published meanwhile may be newer than the page.</param>
    /// <returns>False: the store does not have what it once gave; it went back in time or lost the queue.</returns>
    public bool TryAdd(QueuePage page, long knownBefore)
    {
        if (page.LastSeq < knownBefore || (page.Bodies.Count == 0 && page.FirstSeq <= knownBefore))
        {
            return false;
        }

        Learn(page.LastSeq);
        for (var i = 0; i < page.Bodies.Count; i++)
        {
            if (page.FirstSeq + i >= _tail)
            {
                _tail = page.FirstSeq + i;
                Add(page.Bodies[i]);
            }
        }

        _tail = Math.Max(_tail, page.FirstSeq);
        _behind = Known >= _tail;
        return true;
    }

    /// <summary>The next message in order, if it is here.</summary>
    public bool TryTake(out long seq, out ReadOnlyMemory<byte> body)
    {
        seq = Next;
        if (!_ready.TryDequeue(out body))
        {
            return false;
        }

        _bytes -= body.Length;
        return true;
    }

    /// <summary>The client has everything up to here, from an earlier connection perhaps: it need not come again.</summary>
    public void Skip(long seq)
    {
        while (Next <= seq && _ready.TryDequeue(out var body))
        {
            _bytes -= body.Length;
        }

        if (_tail <= seq)
        {
            _tail = seq + 1;
            _early.Clear();
            Known = Math.Max(Known, seq);
            _behind = _behind && Known >= _tail;
        }
    }

    private void Append(SessionEvent.MessagesStored stored)
    {
        for (var i = (int)(_tail - stored.FirstSeq); i < stored.Bodies.Count; i++)
        {
            if (_bytes + stored.Bodies[i].Length > MaxBytes)
            {
                FallBehind();
                return;
            }

            Add(stored.Bodies[i]);
        }
    }

    private void Add(ReadOnlyMemory<byte> body)
    {
        _ready.Enqueue(body);
        _bytes += body.Length;
        _tail++;
    }

    private void Stash(SessionEvent.MessagesStored stored)
    {
        if (_early.Count == MaxStragglers || _early.Append(stored).Sum(early => early.Bodies.Sum(body => (long)body.Length)) > MaxBytes)
        {
            FallBehind();
            return;
        }

        _early.Add(stored);
    }

    private void TakeEarly()
    {
        while (!_behind && _early.FindIndex(stored => stored.FirstSeq <= _tail) is >= 0 and var index)
        {
            var stored = _early[index];
            _early.RemoveAt(index);
            if (stored.LastSeq >= _tail)
            {
                Append(stored);
            }
        }
    }

    private void FallBehind()
    {
        _behind = true;
        _early.Clear();
    }
}
