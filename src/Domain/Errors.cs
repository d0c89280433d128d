namespace Im.Domain;

/// <summary>The service's refusals, each worded once.</summary>
public static class Errors
{
    /// <summary>A number that no user can have.</summary>
    public static readonly Error NotAUserId = new(ErrorCode.ParameterError, "A user id is an integer from 1 to 9007199254740991.");

    /// <summary>A user named themselves as the peer.</summary>
    public static readonly Error PairWithOneself = new(ErrorCode.ParameterError, "Nobody pairs with themselves.");

    /// <summary>Bytes from the store that are no server key.</summary>
    public static readonly Error NotAKeySize = new(ErrorCode.ParameterError, "A key has 8 to 64 bytes.");

    /// <summary>Text that spells no public key, or a longer one than the limit.</summary>
    public static readonly Error NotAPublicKey = new(ErrorCode.ParameterError, "A public key is 1 to 2048 bytes in unpadded base64url.");

    /// <summary>Text that spells no session id.</summary>
    public static readonly Error NotASessionId = new(ErrorCode.ParameterError, "A session id is 32 lower-case hexadecimal digits.");

    /// <summary>A sender who counted their messages stopped to, or began in the middle.</summary>
    public static readonly Error MixedIds = new(ErrorCode.MalformedFrame, "One user does not mix messages with and without an id in one session.");

    /// <summary>An acknowledged <c>seq</c> that was never given.</summary>
    public static readonly Error AcknowledgedBeyond = new(ErrorCode.MalformedFrame, "The acknowledgement is beyond what was sent.");

    /// <summary>One answer to an unknown name and a wrong password, so that it does not tell which names exist.</summary>
    public static readonly Error WrongCredentials = new(ErrorCode.WrongCredentials, "The name or the password is wrong.");

    /// <summary>The contact policy forbids the pair; only where a key is asked for, elsewhere it is <see cref="NoSession"/>.</summary>
    public static readonly Error NotPermitted = new(ErrorCode.NotPermitted, "These two users may not talk to each other.");

    /// <summary><c>Accounts:OpenRegistration</c> is off.</summary>
    public static readonly Error RegistrationClosed = new(ErrorCode.RegistrationClosed, "Registration is closed on this service.");

    /// <summary>None, another one than was named, or a pair that the policy forbids: one answer, which tells nothing more.</summary>
    public static readonly Error NoSession = new(ErrorCode.NoSession, "There is no such session between these two users.");

    /// <summary>One side brought a public key, the other one none.</summary>
    public static readonly Error KeyModeMismatch = new(ErrorCode.KeyModeMismatch, "The other side asked for the other key mode.");

    /// <summary>Does not say which of the two is taken.</summary>
    public static readonly Error NameTaken = new(ErrorCode.NameTaken, "The username or email is in use.");

    /// <summary>At the limit of messages or of bytes; the sender tries again once the recipient has acknowledged some.</summary>
    public static readonly Error QueueFull = new(ErrorCode.QueueFull, "The recipient's queue is full.");

    /// <summary>No answer in time, so what was asked for may have happened.</summary>
    public static readonly Error StoreUnavailable = new(ErrorCode.StoreUnavailable, "The store does not answer; try again.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>Another connection claimed the epoch first; nothing happened.</summary>
    public static readonly Error ConnectionRaced = new(ErrorCode.StoreUnavailable, "Another connection of this user was opened at the same time; try again.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>By a side, or by a newer handshake: the client exchanges keys anew.</summary>
    public static readonly Error SessionEnded = new(ErrorCode.SessionEnded, "The session was ended.");

    /// <summary>Nobody ended it: it expired, or the store was emptied or went back in time.</summary>
    public static readonly Error SessionLost = new(ErrorCode.SessionLost, "The session expired or was lost.");

    /// <summary>The latest connection of a user is the one that counts; nothing is done for an older one.</summary>
    public static readonly Error TakenOver = new(ErrorCode.TakenOver, "A newer connection of the same user took over.");

    /// <summary>A message before this one is missing; the client sends again from <paramref name="expected"/> on.</summary>
    public static Error IdGap(long expected) =>
        new(ErrorCode.IdGap, "The id skips one; send again from the expected id on.") { Expected = expected };

    /// <summary>Faster than a limit allows; it is safe to try again after the wait.</summary>
    public static Error RateLimited(TimeSpan retryAfter) =>
        new(ErrorCode.RateLimited, "Too many requests; wait before trying again.") { RetryAfter = retryAfter };

    /// <summary>Every faulty field at once, by property name; the edge turns these into wire names.</summary>
    public static Error Parameters(IReadOnlyDictionary<string, string[]> fields) =>
        new(ErrorCode.ParameterError, "One or more fields are missing, malformed or out of range.") { Fields = fields };
}
