namespace Im.Client;

/// <summary>Whether a conversation has its connection.</summary>
public enum ConversationStatus
{
    /// <summary>Connects for the first time.</summary>
    Connecting,

    /// <summary>Connected, and has everything that waited.</summary>
    Connected,

    /// <summary>Lost its connection and comes back by itself.</summary>
    Reconnecting,

    /// <summary>Over: nothing more is sent or received.</summary>
    Ended,
}

/// <summary>The state of a conversation.</summary>
/// <param name="Status">Whether it has its connection.</param>
/// <param name="Error">
/// <see cref="ConversationStatus.Reconnecting"/>, <see cref="ConversationStatus.Connecting"/>: why the last attempt failed, if one did.
/// <see cref="ConversationStatus.Ended"/>: why it ended; null when this side ended it.
/// </param>
/// <param name="NextTryAt">When it tries to connect again; null while it tries or is connected, and once it ended.</param>
public sealed record ConversationState(ConversationStatus Status, ImException? Error = null, DateTimeOffset? NextTryAt = null);
