using System.Globalization;

namespace Im.Client.Errors;

/// <summary>What each refusal of the protocol's tables is to a caller: its kind, and a sentence that says what to do next.</summary>
internal static class Failures
{
    /// <summary>A refusal by its number (protocol, section 2 and the table of refused frames).</summary>
    public static ImException Of(int code, TimeSpan? retryAfter = null, IReadOnlyDictionary<string, IReadOnlyList<string>>? fields = null)
    {
        var (kind, sentence) = code switch
        {
            40000 or 40001 or 41300 or 41500 => (ImErrorKind.InvalidInput, "The server refused what was sent; mend the fields that it names."),
            40100 => (ImErrorKind.Unauthenticated, "The token has expired or is not good; log in again."),
            40101 => (ImErrorKind.WrongCredentials, "There is no such user with this password; try other ones."),
            40300 => (ImErrorKind.NotPermitted, "The service does not allow this; ask whoever runs it."),
            40301 => (ImErrorKind.SessionEnded, "The session is over: it expired, was ended or was lost; exchange keys again."),
            40900 => (ImErrorKind.KeyModeMismatch, "The peer asks in the other key mode; agree on one, and both ask in it."),
            40901 => (ImErrorKind.NameTaken, "The username or email is in use; choose another one."),
            42900 => (ImErrorKind.RateLimited, "Too many calls; wait a while, then try again."),
            42901 => (ImErrorKind.QueueFull, "The peer has too many messages waiting; what was sent goes out when the peer takes some."),
            50000 or 50300 => (ImErrorKind.ServerUnavailable, "The server cannot serve now; try again later."),
            _ => (ImErrorKind.ProtocolViolation, string.Create(CultureInfo.InvariantCulture, $"The server refused with {code}, which has no place here; check the address, and that client and server fit.")),
        };
        return new ImException(kind, sentence) { Code = code, RetryAfter = retryAfter, FieldErrors = fields ?? ImException.NoFields };
    }

    /// <summary>Nothing, or nothing of the protocol, came back.</summary>
    public static ImException Unreachable(Exception? inner = null) =>
        new(ImErrorKind.ServerUnavailable, "The server cannot be reached; check the address and the network, and try again later.", inner);

    /// <summary>What the server said is not of the protocol.</summary>
    public static ImException Violation(string what, Exception? inner = null) =>
        new(ImErrorKind.ProtocolViolation, $"{what}; check the address, and that client and server fit.", inner);

    /// <summary>The server knows less than it has said before (protocol, end of section 5), or more than this client ever sent.</summary>
    public static ImException WentBack() =>
        new(ImErrorKind.SessionLost, "The server lost a part of the session, or another client used it; exchange keys again.");
}
