namespace Im.WebApi.Security;

/// <summary>
/// What every answer tells browsers, those of the edge and refused upgrades among them: it is what its type says, belongs to
/// this origin, is kept by no cache, and does nothing. Who answers may have said otherwise: the page has a policy of its own.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Html = "text/html";
    private const string NoFrame = "frame-ancestors 'none'";

    /// <summary>One year, in seconds; RFC 6797. For this host alone: others are none of its business.</summary>
    private const string TlsOnly = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        // Last: the edge takes away everything that was set before a fault.
        context.Response.OnStarting(Write, context);
        return next(context);
    }

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        if (headers.ContentSecurityPolicy.Count == 0)
        {
            // A page that brings no policy (the description, in Development) has to run its scripts.
            headers.ContentSecurityPolicy = context.Response.ContentType?.StartsWith(Html, StringComparison.OrdinalIgnoreCase) == true ? NoFrame : $"default-src 'none'; {NoFrame}";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = TlsOnly;
        }

        return Task.CompletedTask;
    }
}
