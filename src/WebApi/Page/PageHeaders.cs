using Im.WebApi.Security;

namespace Im.WebApi.Page;

/// <summary>What a browser may do with the page, beside what every answer says: run its own files, talk to this host, and nothing else.</summary>
internal static class PageHeaders
{
    private const string Permissions =
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=(), clipboard-write=(self)";

    internal static void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = PolicyFor(context.Request.HostAsWritten());
        headers.CacheControl = "no-cache";
        headers["Permissions-Policy"] = Permissions;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    /// <summary>The policy for a page of this host. Not every browser takes a websocket to the page's own host for <c>'self'</c>, so it is named.</summary>
    internal static string PolicyFor(HostString host)
    {
        var sockets = IsPlain(host) ? $" ws://{host.Value} wss://{host.Value}" : "";
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + $"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";
    }

    // The caller wrote it: whatever could end a directive and begin another one stays out.
    private static bool IsPlain(HostString host) =>
        host.HasValue && host.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']');
}
