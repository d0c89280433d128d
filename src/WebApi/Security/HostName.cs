using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Security;

/// <summary>The name that a client called this host by, in <c>Host</c>.</summary>
internal static class HostName
{
    private const string Encoded = "xn--";

    /// <summary>
    /// As it was written, which is how a browser writes an origin, too. The framework decodes international names (RFC 3492)
    /// each time it is asked.
    /// </summary>
    internal static HostString HostAsWritten(this HttpRequest request) => new(request.Headers.Host.ToString());

    /// <summary>A name that cannot be decoded counts as none: whatever part of the framework asked for it would throw.</summary>
    internal static void DropUnreadable(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is { } request && !IsReadable(request.Headers.Host.ToString()))
        {
            request.Headers.Host = "";
        }
    }

    private static bool IsReadable(string host)
    {
        if (!host.Contains(Encoded, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            _ = HostString.FromUriComponent(host);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
