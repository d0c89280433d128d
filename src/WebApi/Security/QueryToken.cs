using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Security;

/// <summary>The token that stood in the address of a request and was taken out of it. Prints as <c>[redacted]</c>.</summary>
internal sealed record QueryToken(string Token)
{
    private const string Name = "token";

    /// <summary>Takes every <c>token</c> out of the request's address, however it is spelled, and keeps the first as a feature.</summary>
    internal static void TakeFrom(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { } request)
        {
            return;
        }

        var (query, token) = Split(request.QueryString);
        if (token is not null)
        {
            request.QueryString = query;
            features.Set(new QueryToken(token));
        }

        var mark = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0 && Split(request.RawTarget[mark..]) is { Token: not null } raw)
        {
            request.RawTarget = request.RawTarget[..mark] + raw.Query;
        }
    }

    /// <summary>The query without its tokens, and the first of them; null if there is none.</summary>
    internal static (string Query, string? Token) Split(string query)
    {
        if (query.Length < 2)
        {
            return (query, null);
        }

        string? token = null;
        var kept = new List<string>();
        foreach (var part in query[1..].Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (Decode(equals < 0 ? part : part[..equals]).Equals(Name, StringComparison.OrdinalIgnoreCase))
            {
                token ??= equals < 0 ? "" : Decode(part[(equals + 1)..]);
            }
            else
            {
                kept.Add(part);
            }
        }

        return token is null ? (query, null) : (kept.Count == 0 ? "" : "?" + string.Join('&', kept), token);
    }

    public override string ToString() => "[redacted]";

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
