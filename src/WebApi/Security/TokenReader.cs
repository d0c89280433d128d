namespace Im.WebApi.Security;

/// <summary>Finds the token of a request. The first place that has one is the only one looked at, be it valid or not.</summary>
internal static class TokenReader
{
    /// <summary>Where the address and the subprotocols may carry a token too: a browser's websocket can set no header.</summary>
    internal const string SocketPath = "/im/ws";

    /// <summary>What a token in an offered subprotocol begins with.</summary>
    internal const string SubprotocolPrefix = "im.bearer.";

    private const string Scheme = "Bearer";

    internal static string? Read(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && (authorization.Length == Scheme.Length || authorization[Scheme.Length] is ' '))
        {
            return authorization[Scheme.Length..].Trim();
        }

        if (request.Headers.TryGetValue("token", out var header))
        {
            return header.ToString();
        }

        // Routing ignores case and one slash at the end.
        if (!request.Path.StartsWithSegments(SocketPath, StringComparison.OrdinalIgnoreCase, out var rest) || rest.Value is not (null or "" or "/"))
        {
            return null;
        }

        return request.HttpContext.Features.Get<QueryToken>()?.Token ?? request.HttpContext.WebSockets.WebSocketRequestedProtocols
            .FirstOrDefault(protocol => protocol.StartsWith(SubprotocolPrefix, StringComparison.Ordinal))?[SubprotocolPrefix.Length..];
    }
}
