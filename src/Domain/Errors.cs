namespace Im.Domain;

/// <summary>The service's refusals, each worded once.</summary>
public static class Errors
{
    public static readonly Error NotAUserId = new(ErrorCode.ParameterError, "A user id is an integer from 1 to 9007199254740991.");
    public static readonly Error PairWithOneself = new(ErrorCode.ParameterError, "Nobody pairs with themselves.");
    public static readonly Error NotAKeySize = new(ErrorCode.ParameterError, "A key has 8 to 64 bytes.");
    public static readonly Error NotAPublicKey = new(ErrorCode.ParameterError, "A public key is 1 to 2048 bytes in unpadded base64url.");
    public static readonly Error NotASessionId = new(ErrorCode.ParameterError, "A session id is 32 lower-case hexadecimal digits.");
    public static readonly Error MixedIds = new(ErrorCode.MalformedFrame, "One user does not mix messages with and without an id in one session.");
    public static readonly Error AcknowledgedBeyond = new(ErrorCode.MalformedFrame, "The acknowledgement is beyond what was sent.");
    public static readonly Error WrongCredentials = new(ErrorCode.WrongCredentials, "The name or the password is wrong.");
    public static readonly Error NotPermitted = new(ErrorCode.NotPermitted, "These two users may not talk to each other.");
    public static readonly Error RegistrationClosed = new(ErrorCode.RegistrationClosed, "Registration is closed on this service.");
    public static readonly Error NoSession = new(ErrorCode.NoSession, "There is no such session between these two users.");
    public static readonly Error KeyModeMismatch = new(ErrorCode.KeyModeMismatch, "The other side asked for the other key mode.");
    public static readonly Error NameTaken = new(ErrorCode.NameTaken, "The username or email is in use.");
    public static readonly Error QueueFull = new(ErrorCode.QueueFull, "The recipient's queue is full.");
    public static readonly Error StoreUnavailable = new(ErrorCode.StoreUnavailable, "The store does not answer; try again.") { RetryAfter = TimeSpan.FromSeconds(1) };
    public static readonly Error ConnectionRaced = new(ErrorCode.StoreUnavailable, "Another connection of this user was opened at the same time; try again.") { RetryAfter = TimeSpan.FromSeconds(1) };
    public static readonly Error SessionEnded = new(ErrorCode.SessionEnded, "The session was ended.");
    public static readonly Error SessionLost = new(ErrorCode.SessionLost, "The session expired or was lost.");
    public static readonly Error TakenOver = new(ErrorCode.TakenOver, "A newer connection of the same user took over.");

    public static Error IdGap(long expected) =>
        new(ErrorCode.IdGap, "The id skips one; send again from the expected id on.") { Expected = expected };

    public static Error RateLimited(TimeSpan retryAfter) =>
        new(ErrorCode.RateLimited, "Too many requests; wait before trying again.") { RetryAfter = retryAfter };

    public static Error Parameters(IReadOnlyDictionary<string, string[]> fields) =>
        new(ErrorCode.ParameterError, "One or more fields are missing, malformed or out of range.") { Fields = fields };
}
