using System.Text;
using Im.FuzzTests.Engine;
using Im.WebApi.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Im.FuzzTests.Targets;

/// <summary>Where a token may stand (section 1): the two headers, the query, an offered subprotocol. An input is a request: its address, then a header a line.</summary>
internal sealed class TokenPlacesTarget : FuzzTarget
{
    private const string Prefix = "im.bearer.";

    public override string Name => "token-places";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "token=", "?", "&", "%74oken=", "TOKEN=", "to%6Ben", "+", "%", "%2", "%26", "%3D", "%00", "%ff", "%u0074", ";", "#", "/im/ws", "/im/ws/", "/IM/WS", "/im/ws/x",
        "\nAuthorization: Bearer ", "\ntoken: ", "\nSec-WebSocket-Protocol: ", "im.v1, ", Prefix, "IM.BEARER.", ",", "\"", "\n", "Basic ", "bearer",
    }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 32_768 + (400L * length);

    public override int Run(byte[] input)
    {
        var lines = Encoding.Latin1.GetString(input).Replace("\r", "", StringComparison.Ordinal).Split('\n');
        var mark = lines[0].IndexOf('?', StringComparison.Ordinal);
        var (path, query) = mark < 0 ? (lines[0], "") : (lines[0][..mark], lines[0][mark..]);
        if (!path.StartsWith('/'))
        {
            path = "/" + path;
        }

        var context = new DefaultHttpContext();
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (feature.Path, feature.QueryString, feature.RawTarget) = (path, query, path + query);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                context.Request.Headers.Append(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        QueryToken.TakeFrom(context.Features);
        var kept = context.Features.Get<QueryToken>();
        CheckAddress(query, feature, path, kept);
        var token = TokenReader.Read(context.Request);
        CheckPlace(context, path, kept, token);
        Holds(kept is null || kept.ToString() == "[redacted]", "The token of an address prints.");
        return (token is null ? 0 : token.Length == 0 ? 1 : 2) + (kept is null ? 0 : 4) + (context.Request.Headers.Authorization.Count > 0 ? 8 : 0)
            + (context.Request.Headers.ContainsKey("token") ? 16 : 0) + (path.StartsWith("/im/ws", StringComparison.OrdinalIgnoreCase) ? 32 : 0)
            + (context.WebSockets.WebSocketRequestedProtocols.Count > 1 ? 64 : 0) + (feature.QueryString.Length > 0 ? 128 : 0);
    }

    /// <summary>Beside the framework's reader of queries: afterwards it finds no token, and everything else as before.</summary>
    private static void CheckAddress(string query, IHttpRequestFeature feature, string path, QueryToken? kept)
    {
        var before = QueryHelpers.ParseQuery(query);
        var after = QueryHelpers.ParseQuery(feature.QueryString);
        Holds(!after.ContainsKey("token"), "A token is left in the query.");
        Holds(feature.RawTarget == path + feature.QueryString, "The raw address says something else than the query.");
        Holds(before.Remove("token", out var tokens) == kept is not null, "It takes another parameter for the token than the framework does.");
        Holds(kept is null || kept.Token == tokens[0], "It reads the token otherwise than the framework does.");
        Holds(before.Count == after.Count && before.All(pair => after.TryGetValue(pair.Key, out var values) && values.Equals(pair.Value)), "Another parameter changed.");
    }

    private static void CheckPlace(HttpContext context, string path, QueryToken? kept, string? token)
    {
        var headers = context.Request.Headers;
        var scheme = headers.Authorization.ToString();
        if (scheme.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            Holds(token == scheme[7..].Trim(), "The Authorization header does not come first.");
        }
        else if (headers.TryGetValue("token", out var header) && !scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            Holds(token == header.ToString(), "The header token does not come second.");
        }
        else if (!scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            var isSocket = path.Equals("/im/ws", StringComparison.OrdinalIgnoreCase) || path.Equals("/im/ws/", StringComparison.OrdinalIgnoreCase);
            var offered = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(name => name.StartsWith(Prefix, StringComparison.Ordinal));
            Holds(token == (isSocket ? kept?.Token ?? offered?[Prefix.Length..] : null), "A token is taken from where none may stand, or not from where it stands.");
        }
    }
}
