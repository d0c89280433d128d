namespace Im.Client;

/// <summary>What <see cref="Conversation.ReceiveAsync"/> yields: a message, or the report of one that is missing or was refused.</summary>
public abstract record ReceivedItem
{
    private protected ReceivedItem()
    {
    }
}

/// <summary>A message of the peer, decrypted and in its place. Prints without its text.</summary>
/// <param name="Id">The peer's count in this session: 1, 2, 3 ….</param>
/// <param name="Text">The text, at most <see cref="Conversation.MaxTextBytes"/> of UTF-8.</param>
/// <param name="SentAt">The clock of the node that accepted it. The relay's word alone, and no order.</param>
public sealed record ReceivedMessage(long Id, string Text, DateTimeOffset SentAt) : ReceivedItem
{
    /// <summary>The id, and nothing secret.</summary>
    public override string ToString() => $"message {Id}";
}

/// <summary>The peer sent messages that did not come: the relay lost them or withheld them. The one that came instead follows.</summary>
/// <param name="FirstId">The first id that is missing.</param>
/// <param name="LastId">The last id that is missing.</param>
public sealed record WithheldMessages(long FirstId, long LastId) : ReceivedItem;

/// <summary>Why a message was refused.</summary>
public enum RefusalReason
{
    /// <summary>It is not what the peer encrypted: wrong tag, wrong form, or no id. The relay or somebody with it changed or made it.</summary>
    Tampered,

    /// <summary>A message with this id was received before.</summary>
    Repeated,

    /// <summary>It comes after later ones; its id was reported as withheld.</summary>
    Reordered,
}

/// <summary>Something came as a message that must not be shown as one. Its content is dropped.</summary>
/// <param name="Id">The id it came with; null if it came without.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record RefusedMessage(long? Id, RefusalReason Reason) : ReceivedItem;
