using Im.Domain;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;

namespace Im.WebApi.Limits;

/// <summary>How many authenticated calls, upgrades included, a user may make in a minute, on this node.</summary>
internal sealed class RequestLimit(RequestDelegate next, LimitsOptions options) : IDisposable
{
    private readonly MinuteLimit<UserId> _requests = new(options.RequestsPerMinute);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<ValidatedToken>() is not { } token || _requests.Count(token.User) is not { } wait)
        {
            return next(context);
        }

        NodeMetrics.RateLimited("requests");
        return context.Response.WriteAsync(WireRefusals.RateLimited, wait);
    }

    public void Dispose() => _requests.Dispose();
}
