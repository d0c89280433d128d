namespace Im.Cli.CommandLine;

/// <summary>The address of a server as users write it.</summary>
internal static class ServerAddress
{
    public const string Default = "http://localhost:8083";

    /// <summary>
    /// The address in its one form: an http or https URL whose path ends with a slash. Null for anything else, also with a
    /// user, a query or a fragment, which would go nowhere.
    /// </summary>
    public static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }
            ? new Uri(uri.AbsoluteUri.TrimEnd('/') + '/')
            : null;

    /// <summary>Whether token and password would cross a network that others can read.</summary>
    public static bool IsExposed(Uri server) => server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback;
}
