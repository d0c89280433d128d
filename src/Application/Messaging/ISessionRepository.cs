using Im.Domain;

namespace Im.Application.Messaging;

/// <summary>The pair's session as one of its users finds it before connecting.</summary>
/// <param name="Session">The session.</param>
/// <param name="Epoch">That user's latest connection in it; 0: none yet.</param>
/// <param name="ExpiresIn">How long it lives if nothing happens.</param>
public sealed record FoundSession(Session Session, long Epoch, TimeSpan ExpiresIn);

/// <summary>How far a session has come, seen from one of its users.</summary>
public sealed record SessionProgress
{
    /// <summary>The last <c>seq</c> that the store gave to a message for this user.</summary>
    public required long LastSeq { get; init; }

    /// <summary>What this user has acknowledged; the queue begins behind it.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>The last <c>id</c> accepted from this user; 0: none.</summary>
    public required long LastId { get; init; }

    /// <summary>The last <c>seq</c> given to a message of this user's for the peer.</summary>
    public required long SentSeq { get; init; }

    /// <summary>What the peer has acknowledged.</summary>
    public required long Delivered { get; init; }

    /// <summary>The peer's latest connection; 0: none yet.</summary>
    public required long PeerEpoch { get; init; }

    /// <summary>Whether that connection lives.</summary>
    public required bool PeerOnline { get; init; }

    /// <summary>The handshake that the peer has opened and this user has not answered; null: none.</summary>
    public required SessionId? PeerHandshake { get; init; }
}

/// <summary>A connection that the store has accepted, and where the session stands at that moment.</summary>
public sealed record Attached(Attachment Attachment, SessionProgress Progress);

/// <summary>Sessions in the store. Every step of a connection is fenced: it answers <see cref="ErrorCode.SessionEnded"/>,
/// <see cref="ErrorCode.SessionLost"/> or <see cref="ErrorCode.TakenOver"/> and changes nothing unless session and epoch are the present ones.</summary>
public interface ISessionRepository
{
    /// <summary>The pair's session; renews nothing. <see cref="ErrorCode.NoSession"/>.</summary>
    Task<Result<FoundSession>> FindAsync(PairKey pair, UserId user, CancellationToken cancellationToken);

    /// <summary>
    /// Claims a higher epoch for a new connection, if the session and the epoch are still those that were found. Older
    /// connections of the user are told, the peer too; when both users have been connected, the key is wiped.
    /// </summary>
    /// <param name="found">What <see cref="FindAsync"/> gave.</param>
    /// <param name="user">Who connects.</param>
    /// <param name="seen">The highest <c>seq</c> the client has; it is acknowledged.</param>
    /// <returns>
    /// <see cref="ErrorCode.NoSession"/>; <see cref="ErrorCode.MalformedFrame"/> for a <paramref name="seen"/> that was never given;
    /// <see cref="ErrorCode.StoreUnavailable"/>, also when another connection came first.
    /// </returns>
    Task<Result<Attached>> AttachAsync(FoundSession found, UserId user, long seen, CancellationToken cancellationToken);

    /// <summary>Renews the session's life and the connection's presence; says how far the session has come.</summary>
    Task<Result<SessionProgress>> TouchAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>The same for several connections, in as few calls as the store allows. Each has its own answer, in their order; all of a call that fails have the same.</summary>
    Task<IReadOnlyList<Result<SessionProgress>>> TouchAsync(IReadOnlyList<Attachment> attachments, CancellationToken cancellationToken);

    /// <summary>The connection is gone: the peer is told, unless a newer one has taken over.</summary>
    Task<Result<Done>> DetachAsync(Attachment attachment, CancellationToken cancellationToken);

    /// <summary>The store went back in time: wipes the session, if it is still the present one, and tells both sides that it is lost.</summary>
    Task<Result<Done>> AbandonAsync(Session session, CancellationToken cancellationToken);
}
