namespace Im.Client;

/// <summary>Something that happened to a conversation, other than a received message.</summary>
public abstract record ConversationEvent
{
    private protected ConversationEvent()
    {
    }
}

/// <summary><see cref="Conversation.State"/> changed.</summary>
/// <param name="State">The new one.</param>
public sealed record StateChanged(ConversationState State) : ConversationEvent;

/// <summary>The peer connected or went. The relay's word alone.</summary>
/// <param name="IsOnline">Whether the peer is connected.</param>
public sealed record PresenceChanged(bool IsOnline) : ConversationEvent;

/// <summary>The peer types, or stopped, or was not heard of typing for six seconds.</summary>
/// <param name="IsTyping">Whether the peer types.</param>
public sealed record TypingChanged(bool IsTyping) : ConversationEvent;

/// <summary>The peer acknowledged messages of this side. The relay's word alone.</summary>
/// <param name="UpToId">All messages up to this <see cref="SentMessage.Id"/>.</param>
public sealed record MessagesDelivered(long UpToId) : ConversationEvent;

/// <summary>
/// The peer wants new keys: it lost its own, say. To go on talking, call <see cref="ImClient.RendezvousAsync"/>; that ends
/// this conversation when it completes.
/// </summary>
public sealed record HandshakeOpened : ConversationEvent;

/// <summary>The relay takes no messages for now; what was sent waits and goes out by itself.</summary>
/// <param name="Error">
/// Why: <see cref="ImErrorKind.QueueFull"/> (the peer does not take what waits for it), <see cref="ImErrorKind.RateLimited"/>
/// or <see cref="ImErrorKind.ServerUnavailable"/>.
/// </param>
/// <param name="NextTryAt">When it is tried again.</param>
public sealed record SendingPaused(ImException Error, DateTimeOffset NextTryAt) : ConversationEvent;

/// <summary>The relay takes messages again.</summary>
public sealed record SendingResumed : ConversationEvent;
