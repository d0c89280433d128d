using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Telemetry;

namespace Im.WebApi.Messaging;

/// <summary>
/// What one connection has to say to its client, as state rather than as a queue of frames: presence and <c>delivered</c>
/// coalesce to their latest, messages are taken in order from <see cref="MessageOrder"/>, answers wait for their turn, and
/// signals drop. So a slow reader costs a bounded buffer. Thread-safe.
/// </summary>
/// <remarks>In plain mode only messages and errors come out.</remarks>
internal sealed class Outgoing
{
    /// <summary>Answers outstanding at most; beyond, the connection stops reading.</summary>
    public const int MaxAnswers = 64;

    /// <summary>Signals that wait at most; beyond, the oldest drop.</summary>
    public const int MaxSignals = 16;

    private readonly Lock _lock = new();
    private readonly Attachment _attachment;
    private readonly bool _plain;
    private readonly MessageOrder _messages;
    private readonly long _caughtUpAt;
    private readonly Queue<Answer> _answers = new();
    private readonly Queue<ReadOnlyMemory<byte>> _signals = new();
    private readonly PeerState _peer;
    private readonly SentState _sent;

    /// <summary>As long as it is due; an open socket need not keep it.</summary>
    private byte[]? _ready;

    private int _takenWaited;
    private int _takenLive;

    public Outgoing(Attached attached, bool plain, TimeProvider clock)
    {
        var progress = attached.Progress;
        _attachment = attached.Attachment;
        _plain = plain;
        _messages = new MessageOrder(progress.Acknowledged, progress.LastSeq);
        _caughtUpAt = progress.LastSeq;
        _ready = plain ? null : FrameWriter.Ready(_attachment.Session.Id, progress.LastSeq, progress.LastId, progress.Delivered);
        _peer = new PeerState(progress);
        _sent = new SentState(progress, clock);
        WrittenSeq = progress.Acknowledged;
    }

    /// <summary>The highest id that the store confirmed on this connection.</summary>
    public long LastId
    {
        get
        {
            lock (_lock)
            {
                return _sent.LastId;
            }
        }
    }

    /// <summary>The last message that the socket took.</summary>
    public long WrittenSeq { get; private set; }

    /// <summary>What the store is known to have reached: it may never say less than this later.</summary>
    public SeenProgress Seen()
    {
        lock (_lock)
        {
            return new SeenProgress(_messages.Known, _sent.LastId, _sent.Seq, _sent.Delivered, _peer.Epoch);
        }
    }

    /// <summary>Answers that the client is owed, and messages known to wait for its socket.</summary>
    public (int Answers, long Messages) Depth()
    {
        lock (_lock)
        {
            return (_answers.Count, _messages.Known + 1 - _messages.Next);
        }
    }

    public void Offer(SessionEvent.MessagesStored stored)
    {
        lock (_lock)
        {
            _messages.Offer(stored);
        }
    }

    /// <summary>Signals are for the moment: a client that is slow gets the latest.</summary>
    public void Offer(SessionEvent.SignalSent signal)
    {
        if (_plain)
        {
            return;
        }

        lock (_lock)
        {
            if (_signals.Count == MaxSignals)
            {
                _signals.Dequeue();
            }

            _signals.Enqueue(signal.Body);
        }
    }

    public void Offer(SessionEvent.PresenceChanged change)
    {
        lock (_lock)
        {
            _peer.Offer(change);
        }
    }

    public void Offer(SessionEvent.Delivered delivered)
    {
        lock (_lock)
        {
            _sent.Offer(delivered);
        }
    }

    /// <summary>The sweep's answer: whatever no publication told.</summary>
    public void Learn(SessionProgress progress)
    {
        lock (_lock)
        {
            _messages.Learn(progress.LastSeq);
            _sent.Learn(progress);
            _peer.Learn(progress);
        }
    }

    /// <summary>Whether a message is missing that a straggling publication may still bring.</summary>
    public bool HasGap()
    {
        lock (_lock)
        {
            return _messages.HasGap;
        }
    }

    public void GiveUpWaiting()
    {
        lock (_lock)
        {
            _messages.GiveUpWaiting();
        }
    }

    /// <summary>The client acknowledges. False: beyond what was ever given to it.</summary>
    /// <param name="seq">Up to where.</param>
    /// <param name="skips">Whether that skips something, so that there may be something else to say.</param>
    public bool TryAcknowledge(long seq, out bool skips)
    {
        lock (_lock)
        {
            // Taken, not written: an acknowledgement may be here before the write is known to be done.
            skips = seq >= _messages.Next;
            if (skips && seq > _caughtUpAt)
            {
                return false;
            }

            if (skips)
            {
                _messages.Skip(seq);
            }

            return true;
        }
    }

    /// <summary>Adds an answer behind the earlier ones. True: there are none, and whoever adds it waits for it.</summary>
    public bool Add(Answer answer)
    {
        lock (_lock)
        {
            _answers.Enqueue(answer);
            return _answers.Count == 1;
        }
    }

    /// <summary>Whether so many answers are outstanding that no more frames may be read.</summary>
    public bool IsFullOfAnswers()
    {
        lock (_lock)
        {
            return _answers.Count >= MaxAnswers;
        }
    }

    /// <summary>Whether every frame that was read has its answer.</summary>
    public bool HasAnsweredAll()
    {
        lock (_lock)
        {
            return _answers.Count == 0;
        }
    }

    /// <summary>A page of the queue was read. False: the store went back in time.</summary>
    public bool TryAdd(QueuePage page, long knownBefore)
    {
        lock (_lock)
        {
            return _messages.TryAdd(page, knownBefore);
        }
    }

    /// <summary>The next thing to do, in the order that the protocol asks for: presence first on connect, then what waited, then ready.</summary>
    /// <param name="answersOnly">The connection is closing: only frames under way are still answered.</param>
    /// <param name="readsPage">A page of the queue is being read already.</param>
    public OutgoingItem Take(bool answersOnly, bool readsPage = false)
    {
        lock (_lock)
        {
            if (!_plain && !answersOnly && _peer.TryTakePresence(out var online))
            {
                return OutgoingItem.Frame(FrameWriter.Presence(_attachment.Peer, online));
            }

            if (_answers.TryPeek(out var answer) && answer.IsCompleted)
            {
                _answers.Dequeue();
                return OutgoingItem.Answered(answer, next: _answers.TryPeek(out var next) ? next : null);
            }

            return answersOnly ? OutgoingItem.Nothing : TakeMore(readsPage);
        }
    }

    /// <summary>The socket took this message.</summary>
    public void Wrote(long seq)
    {
        lock (_lock)
        {
            WrittenSeq = Math.Max(WrittenSeq, seq);
            NodeMetrics.Written(_takenWaited, _takenLive);
            (_takenWaited, _takenLive) = (0, 0);
        }
    }

    /// <summary>A message of this connection's was accepted. False: the store went back in time.</summary>
    public bool TryConfirm(long? id, Accepted accepted)
    {
        lock (_lock)
        {
            return _sent.TryConfirm(id, accepted);
        }
    }

    private OutgoingItem TakeMore(bool readsPage)
    {
        if (!_plain && _sent.TryTakeDelivered(answersOutstanding: _answers.Count > 0, out var delivered))
        {
            return OutgoingItem.Frame(FrameWriter.Delivered(delivered));
        }

        if (!_plain && _peer.TryTakeHandshake())
        {
            return OutgoingItem.Frame(FrameWriter.Handshake(_attachment.Peer));
        }

        if (_ready is { } ready && _messages.Next > _caughtUpAt)
        {
            _ready = null;
            return OutgoingItem.Frame(ready);
        }

        if (_messages.TryTake(out var seq, out var body))
        {
            _ = seq <= _caughtUpAt ? _takenWaited++ : _takenLive++;
            return OutgoingItem.Message(seq, body);
        }

        if (_messages.NeedsPage && !readsPage)
        {
            return OutgoingItem.Page(_messages.Next, _messages.Known);
        }

        return _signals.TryDequeue(out var signal) ? OutgoingItem.Frame(signal) : OutgoingItem.Nothing;
    }
}
