namespace Im.WebApi.Wire;

/// <summary>A refusal that only the transport knows.</summary>
/// <param name="Number">Its number; the first three digits are the HTTP status.</param>
/// <param name="Sentence">What the client reads.</param>
internal readonly record struct WireRefusal(int Number, string Sentence);

/// <summary>The refusals that are born in the transport, each worded once.</summary>
internal static class WireRefusals
{
    internal static readonly WireRefusal MalformedBody = new(40001, "The body is not what its content type says, or names a field twice.");
    internal static readonly WireRefusal MalformedFrame = new(40002, "The frame is malformed.");
    internal static readonly WireRefusal UnknownType = new(40003, "There is no frame of this type.");
    internal static readonly WireRefusal Unauthenticated = new(40100, "There is no token, or it is not valid.");
    internal static readonly WireRefusal NotYours = new(40302, "The session, sender or recipient is not that of this connection.");
    internal static readonly WireRefusal OriginRefused = new(40303, "Pages of this origin may not connect.");
    internal static readonly WireRefusal NotFound = new(40400, "There is nothing here.");
    internal static readonly WireRefusal MethodNotAllowed = new(40500, "This method is not allowed here.");
    internal static readonly WireRefusal TooLarge = new(41300, "The body is larger than 16 KiB.");
    internal static readonly WireRefusal UnsupportedMediaType = new(41500, "The body is to be JSON or a form, in UTF-8 and not compressed.");
    internal static readonly WireRefusal UpgradeRequired = new(42600, "This address speaks websocket only.");
    internal static readonly WireRefusal RateLimited = new(42900, "Too many requests; wait before trying again.");
    internal static readonly WireRefusal InternalError = new(50000, "The server made a mistake.");
    internal static readonly WireRefusal StoreUnavailable = new(50300, "The node cannot serve this now; try again.");
}
