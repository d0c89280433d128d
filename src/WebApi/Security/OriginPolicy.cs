namespace Im.WebApi.Security;

/// <summary>
/// Whose pages may open a websocket here, and call. A browser sends a user's page anywhere, and no CORS guards an upgrade or a
/// form; what is no browser sends no origin.
/// </summary>
internal sealed class OriginPolicy(WebOptions options)
{
    private readonly HashSet<string> _allowed = [.. options.AllowedOrigins.Select(origin => Normalise(origin) ?? throw new ArgumentException("An allowed origin is malformed.", nameof(options)))];

    /// <summary>The origins as browsers write them.</summary>
    internal IReadOnlyCollection<string> Allowed => _allowed;

    internal bool Allows(HttpRequest request)
    {
        if (request.Headers.Origin.Count == 0)
        {
            return true;
        }

        var origin = Normalise(request.Headers.Origin.ToString());
        return origin is not null && (_allowed.Contains(origin) || IsOwn(new Uri(origin), request));
    }

    /// <summary>Scheme, host and port as a browser writes an origin; null for what is none (<c>null</c>, a path, a wildcard).</summary>
    internal static string? Normalise(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri is { Host.Length: > 0, Port: > 0, UserInfo: "", PathAndQuery: "/", Fragment: "" }
        && uri.GetLeftPart(UriPartial.Authority) is var written
        && (origin.Equals(written, StringComparison.OrdinalIgnoreCase) || origin.Equals($"{written}:{uri.Port}", StringComparison.OrdinalIgnoreCase))
            ? written
            : null;

    // Behind a proxy that ends TLS the node sees another scheme than the browser: the scheme is not compared, and a host
    // without a port has that of the origin's scheme. Only a node that sees TLS itself knows better.
    private static bool IsOwn(Uri origin, HttpRequest request)
    {
        var host = request.HostAsWritten();
        return (origin.Scheme == Uri.UriSchemeHttp || origin.Scheme == Uri.UriSchemeHttps) // An application's own scheme is nobody's page.
            && host.HasValue
            && (host.Port is not null || host.Host == host.Value) // A port that is no number is not a missing one.
            && string.Equals(origin.Host, host.Host, StringComparison.OrdinalIgnoreCase)
            && origin.Port == (host.Port ?? (request.IsHttps || origin.Scheme == Uri.UriSchemeHttps ? 443 : 80));
    }
}
