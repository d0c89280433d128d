using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>How far this connection's own messages have come: accepted by the store, delivered to the peer. Not thread-safe: the owner holds its lock.</summary>
internal sealed class SentState(SessionProgress atAttach, TimeProvider clock)
{
    /// <summary>The last seq that an answer of this connection confirmed.</summary>
    private long _acceptedSeq = atAttach.SentSeq;

    private readonly DeliveryTime _time = new(clock);
    private long _deliveredTold = atAttach.Delivered;

    /// <summary>The last seq that the store is known to have given to a message of this user's.</summary>
    public long Seq { get; private set; } = atAttach.SentSeq;

    /// <summary>The highest id that the store confirmed on this connection.</summary>
    public long LastId { get; private set; } = atAttach.LastId;

    /// <summary>What the peer has acknowledged.</summary>
    public long Delivered { get; private set; } = atAttach.Delivered;

    public void Offer(SessionEvent.Delivered delivered) => SetDelivered(delivered.Seq);

    /// <summary>The sweep's answer: whatever no publication told.</summary>
    public void Learn(SessionProgress progress)
    {
        SetDelivered(progress.Delivered);
        Seq = Math.Max(Seq, progress.SentSeq);
    }

    /// <summary>A message was accepted. False: the store gave a seq that it had given before; it went back in time.</summary>
    public bool TryConfirm(long? id, Accepted accepted)
    {
        if (!accepted.IsDuplicate && accepted.Seq <= _acceptedSeq)
        {
            return false;
        }

        _acceptedSeq = Math.Max(_acceptedSeq, accepted.Seq);
        Seq = Math.Max(Seq, accepted.Seq);
        LastId = Math.Max(LastId, id ?? 0);
        if (!accepted.IsDuplicate)
        {
            _time.Accepted(accepted.Seq, Delivered);
        }

        return true;
    }

    /// <summary>
    /// What the client is to be told as delivered; not before its own <c>sent</c>: it should not hear that arrived what it does
    /// not know to be stored. The sweep may know of a message before its answer is here; where no answer is outstanding, one was lost.
    /// </summary>
    public bool TryTakeDelivered(bool answersOutstanding, out long seq)
    {
        seq = Math.Min(Delivered, answersOutstanding ? _acceptedSeq : Seq);
        var due = seq > _deliveredTold;
        _deliveredTold = Math.Max(_deliveredTold, seq);
        return due;
    }

    private void SetDelivered(long seq)
    {
        Delivered = Math.Max(Delivered, seq);
        _time.Delivered(Delivered);
    }
}
