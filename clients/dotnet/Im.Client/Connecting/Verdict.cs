using System.Globalization;
using Im.Client.Errors;

namespace Im.Client.Connecting;

/// <summary>What to do when a connection ended.</summary>
internal enum Next
{
    /// <summary>Connect again after a random short delay.</summary>
    Soon,

    /// <summary>Connect again after a growing delay.</summary>
    Later,

    /// <summary>Connect again with a new token.</summary>
    NewToken,

    /// <summary>The conversation is over.</summary>
    Stop,
}

/// <summary>What to do, and why: the protocol's table of close codes, and what a refused upgrade means.</summary>
internal sealed record Verdict(Next Next, ImException Error)
{
    public static Verdict Of(Ending ending) => ending switch
    {
        { Error: { } error, IsRefusal: true } => new(OfRefusal(error), error),
        { Error: { } error } => new(Next.Stop, error),
        { CloseCode: { } code } => OfCode(code),
        _ => new(Next.Later, Failures.Unreachable()),
    };

    private static Next OfRefusal(ImException error) => error.Kind switch
    {
        ImErrorKind.Unauthenticated => Next.NewToken,
        ImErrorKind.ServerUnavailable or ImErrorKind.RateLimited => Next.Later,
        _ => Next.Stop,
    };

    private static Verdict OfCode(int code) => code switch
    {
        1001 => new(Next.Soon, Closed(ImErrorKind.ServerUnavailable, code, "The server shuts down; the client connects to another one.")),
        1002 or 1003 or 1007 or 1009 => new(Next.Stop, Closed(ImErrorKind.ProtocolViolation, code, "The server does not take this client's frames; check that client and server fit.")),
        4401 => new(Next.NewToken, Closed(ImErrorKind.Unauthenticated, code, "The token has expired; log in again.")),
        4403 => new(Next.Stop, Closed(ImErrorKind.SessionEnded, code, "The session was ended, by a side or by a newer exchange of keys; exchange keys again.")),
        4404 => new(Next.Stop, Closed(ImErrorKind.SessionLost, code, "The session expired, or the store lost it; exchange keys again.")),
        4409 => new(Next.Stop, Closed(ImErrorKind.TakenOver, code, "Another client of the same user took over; close that one, then exchange keys again.")),
        4429 => new(Next.Stop, Closed(ImErrorKind.ProtocolViolation, code, "The server saw too many bad frames; wait a while, and check that client and server fit.")),
        _ => new(Next.Later, Closed(ImErrorKind.ServerUnavailable, code, string.Create(CultureInfo.InvariantCulture, $"The server closed the connection ({code}); the client connects again."))),
    };

    private static ImException Closed(ImErrorKind kind, int code, string message) => new(kind, message) { Code = code };
}
