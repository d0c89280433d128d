using Im.WebApi.Wire;

namespace Im.WebApi.Security;

/// <summary>Marks routes that pages of foreign origins may not call.</summary>
internal sealed record OwnPagesOnly;

/// <summary>
/// Refuses calls of foreign pages. A browser sends a foreign page's form without asking anybody, and only hides the answer: such
/// pages could try passwords from all their visitors' addresses, or make accounts. What is no browser sends no origin.
/// </summary>
internal sealed class OwnPages(RequestDelegate next, OriginPolicy origins)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OwnPagesOnly>() is not null && !origins.Allows(context.Request)
            ? context.Response.WriteAsync(WireRefusals.OriginRefused)
            : next(context);
}
