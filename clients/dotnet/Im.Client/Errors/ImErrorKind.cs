namespace Im.Client;

/// <summary>Everything that can go wrong, by what the caller can do about it. Every client of the service has the same list.</summary>
public enum ImErrorKind
{
    /// <summary>Unknown user or wrong password (40101). Try other ones.</summary>
    WrongCredentials,

    /// <summary>The username or email is in use (40901). Choose another one.</summary>
    NameTaken,

    /// <summary>The server refused a field (40000, 40001). Mend what <see cref="ImException.FieldErrors"/> names.</summary>
    InvalidInput,

    /// <summary>The token expired or is not good (40100, close code 4401). Log in again.</summary>
    Unauthenticated,

    /// <summary>The service does not allow it: these two may not talk, or registration is closed (40300).</summary>
    NotPermitted,

    /// <summary>The peer asked in the other key mode (40900). Agree on one, and both ask in it.</summary>
    KeyModeMismatch,

    /// <summary>The server answered twice with another public key than the one sent, or with none of the peer's that is good. The session was ended. Unless this user has another client open, do not trust this server.</summary>
    KeySubstituted,

    /// <summary>The peer did not come within the patience. Try again when they are there.</summary>
    PeerAbsent,

    /// <summary>
    /// The session is over: a side ended it or began a new one (close code 4403), or it is not there any more (40301). Exchange
    /// keys again to go on.
    /// </summary>
    SessionEnded,

    /// <summary>The session expired or the store lost it (close code 4404). Exchange keys again to go on.</summary>
    SessionLost,

    /// <summary>Another client of the same user took over (close code 4409). Close the other one, then exchange keys again.</summary>
    TakenOver,

    /// <summary>The peer has too many messages waiting (42901). What was sent waits, and goes out when the peer takes some.</summary>
    QueueFull,

    /// <summary>Too many calls or frames (42900). Wait for <see cref="ImException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The server cannot be reached or cannot serve now (50000, 50300, no answer). Try again later.</summary>
    ServerUnavailable,

    /// <summary>The text is longer than <see cref="Conversation.MaxTextBytes"/> of UTF-8. Send it in parts.</summary>
    TextTooLong,

    /// <summary>Too many messages of this side wait to be sent (<see cref="ImClientOptions.OutboxLimit"/>). Wait for earlier ones first.</summary>
    OutboxFull,

    /// <summary>
    /// The server said what the protocol does not allow, or takes what this client says for that (close codes 1002, 1003, 1007,
    /// 1009, 4429). Server and client do not fit, or something between them changes what passes.
    /// </summary>
    ProtocolViolation,
}
