namespace Im.WebApi.Wire;

/// <summary>A refusal that only the transport knows.</summary>
/// <param name="Number">Its number; the first three digits are the HTTP status.</param>
/// <param name="Name">Its name in the protocol's table.</param>
/// <param name="Sentence">What the client reads.</param>
internal readonly record struct WireRefusal(int Number, string Name, string Sentence)
{
    public int Status => Number / 100;
}

/// <summary>The refusals that are born in the transport, each worded once.</summary>
internal static class WireRefusals
{
    internal static readonly WireRefusal MalformedBody = new(40001, "malformed_body", "The body is not what its content type says, or names a field twice.");
    internal static readonly WireRefusal MalformedFrame = new(40002, "malformed_frame", "The frame is malformed.");
    internal static readonly WireRefusal UnknownType = new(40003, "unknown_type", "There is no frame of this type.");
    internal static readonly WireRefusal Unauthenticated = new(40100, "unauthenticated", "There is no token, or it is not valid.");
    internal static readonly WireRefusal NotYours = new(40302, "not_yours", "The session, sender or recipient is not that of this connection.");
    internal static readonly WireRefusal OriginRefused = new(40303, "origin_refused", "Pages of this origin may not connect.");
    internal static readonly WireRefusal NotFound = new(40400, "not_found", "There is nothing here.");
    internal static readonly WireRefusal MethodNotAllowed = new(40500, "method_not_allowed", "This method is not allowed here.");
    internal static readonly WireRefusal TooLarge = new(41300, "too_large", "The body is larger than 16 KiB.");
    internal static readonly WireRefusal UnsupportedMediaType = new(41500, "unsupported_media_type", "The body is to be JSON or a form, in UTF-8.");
    internal static readonly WireRefusal UpgradeRequired = new(42600, "upgrade_required", "This address speaks websocket only.");
    internal static readonly WireRefusal RateLimited = new(42900, "rate_limited", "Too many requests; wait before trying again.");
    internal static readonly WireRefusal InternalError = new(50000, "internal_error", "The server made a mistake.");
    internal static readonly WireRefusal StoreUnavailable = new(50300, "store_unavailable", "The node cannot serve this now; try again.");
}
