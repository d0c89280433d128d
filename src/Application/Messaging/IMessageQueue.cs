using Im.Domain;

namespace Im.Application.Messaging;

/// <summary>A message on its way into the store.</summary>
/// <param name="Id">The sender's own count in this session; null where the sender keeps none.</param>
/// <param name="Body">The recipient's frame but for its <c>seq</c>, opaque to the store.</param>
public readonly record struct OutgoingMessage(long? Id, ReadOnlyMemory<byte> Body);

/// <summary>The store has it.</summary>
/// <param name="Seq">Its place in the recipient's order.</param>
/// <param name="IsDuplicate">It was there already, under this id.</param>
public readonly record struct Accepted(long Seq, bool IsDuplicate);

/// <summary>Messages that wait for a user, in order and without a gap.</summary>
/// <param name="FirstSeq">The <c>seq</c> of the first; the others follow one by one.</param>
/// <param name="Bodies">At most 64 messages or 256 KiB, but at least one if any waits.</param>
/// <param name="LastSeq">The last <c>seq</c> that the store gave this user.</param>
public sealed record QueuePage(long FirstSeq, IReadOnlyList<ReadOnlyMemory<byte>> Bodies, long LastSeq);

/// <summary>The messages that wait in the store. Every step is fenced as in <see cref="ISessionRepository"/>.</summary>
public interface IMessageQueue
{
    /// <summary>
    /// Stores a message for the peer and publishes it. Calls of one connection keep the order in which they were made; what
    /// is called while an earlier call is under way goes together in the next.
    /// </summary>
    /// <returns><see cref="ErrorCode.IdGap"/>, <see cref="ErrorCode.QueueFull"/>, <see cref="ErrorCode.MalformedFrame"/> (ids mixed),
    /// <see cref="ErrorCode.StoreUnavailable"/> within 2 s: a message with an id is then safely sent again, one without may have been stored.</returns>
    Task<Result<Accepted>> EnqueueAsync(Attachment sender, OutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>What waits for this connection's user from a <c>seq</c> on (or from the first unacknowledged, if that is later).</summary>
    Task<Result<QueuePage>> ReadAsync(Attachment recipient, long fromSeq, CancellationToken cancellationToken);

    /// <summary>Everything up to <paramref name="seq"/> arrived; it is wiped and the sender told. A lower one than before changes nothing.</summary>
    /// <returns><see cref="ErrorCode.MalformedFrame"/> beyond what was ever given.</returns>
    Task<Result<Done>> AcknowledgeAsync(Attachment recipient, long seq, CancellationToken cancellationToken);
}
