namespace Im.Domain;

/// <summary>Everything the service itself can refuse; the transport adds what only it can see (a malformed body, a foreign origin).</summary>
public enum ErrorCode
{
    /// <summary>A field is missing, malformed or out of range.</summary>
    ParameterError,

    /// <summary>A frame that parses but breaks a rule of the conversation: ids mixed with none, an acknowledgement beyond what was sent.</summary>
    MalformedFrame,

    /// <summary>Login failed: unknown user and wrong password are one answer.</summary>
    WrongCredentials,

    /// <summary>The contact policy forbids this pair.</summary>
    NotPermitted,

    /// <summary>Registration is closed on this service.</summary>
    RegistrationClosed,

    /// <summary>No session between these two, or not the one asked for.</summary>
    NoSession,

    /// <summary>One side asked for a server key, the other for an exchange of public keys.</summary>
    KeyModeMismatch,

    /// <summary>The username or email is in use.</summary>
    NameTaken,

    /// <summary>The sender's id skips one; <see cref="Error.Expected"/> is the id that is due.</summary>
    IdGap,

    /// <summary>Faster than a limit allows.</summary>
    RateLimited,

    /// <summary>The recipient's queue is at its limit of messages or bytes.</summary>
    QueueFull,

    /// <summary>The store does not answer in time.</summary>
    StoreUnavailable,

    /// <summary>This connection's session was ended by a side or by a newer handshake.</summary>
    SessionEnded,

    /// <summary>This connection's session expired, was lost with the store, or the store went back in time.</summary>
    SessionLost,

    /// <summary>A newer connection of the same user took over.</summary>
    TakenOver,
}
