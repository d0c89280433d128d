using Im.Domain;

namespace Im.Application.Messaging;

/// <summary>What the store tells a connected user at once. May be lost, doubled or out of order: the store's lists and the sweep are the truth.</summary>
public abstract record SessionEvent
{
    private SessionEvent()
    {
    }

    /// <summary>Messages were stored for this user.</summary>
    public sealed record MessagesStored(long FirstSeq, IReadOnlyList<ReadOnlyMemory<byte>> Bodies) : SessionEvent
    {
        /// <summary>The <c>seq</c> of the last of them.</summary>
        public long LastSeq => FirstSeq + Bodies.Count - 1;
    }

    /// <summary>The peer acknowledged up to here.</summary>
    public sealed record Delivered(long Seq) : SessionEvent;

    /// <summary>The peer's connection of this epoch came or went.</summary>
    public sealed record PresenceChanged(long Epoch, bool Online) : SessionEvent;

    /// <summary>The peer opened a new handshake. Which one is never published: ask <see cref="ISessionRepository.TouchAsync(Attachment, CancellationToken)"/>.</summary>
    public sealed record HandshakeOpened : SessionEvent;

    /// <summary>A signal of the peer's: relayed, never stored. The body is the whole frame.</summary>
    public sealed record SignalSent(ReadOnlyMemory<byte> Body) : SessionEvent;

    /// <summary>A connection of this same user with this epoch was accepted.</summary>
    public sealed record TakenOver(long Epoch) : SessionEvent;

    /// <summary>The session is over: ended by a side or a newer handshake, or lost with the store.</summary>
    public sealed record SessionOver(bool Lost) : SessionEvent;
}

/// <summary>Whoever wants to hear a session's events: called from any thread, also several at once, and must not block.</summary>
public interface ISessionListener
{
    /// <summary>One event, as it comes: lost, doubled and disordered ones are for the listener to bear.</summary>
    void OnEvent(SessionEvent sessionEvent);
}

/// <summary>Subscription to what concerns one user of a session.</summary>
public interface ISessionEvents
{
    /// <summary>Raised when the connection to the store is back: what was published meanwhile is lost.</summary>
    event Action? Restored;

    /// <summary>Subscribes; the store has confirmed it when this returns. Events of other sessions of the pair are dropped.</summary>
    /// <returns>Disposing unsubscribes this listener and no other. <see cref="ErrorCode.StoreUnavailable"/>.</returns>
    Task<Result<IAsyncDisposable>> SubscribeAsync(Session session, UserId user, ISessionListener listener, CancellationToken cancellationToken);

    /// <summary>Relays a signal to the peer if they are connected; fenced as in <see cref="ISessionRepository"/>.</summary>
    Task<Result<Done>> SignalAsync(Attachment sender, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
