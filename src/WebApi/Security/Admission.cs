using Im.Application.Accounts;
using Im.WebApi.Limits;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Im.WebApi.Security;

/// <summary>
/// What each call and each upgrade of a user passes before anything is done for it: how often they come, and whether their token
/// was revoked. First what this node knows by itself, then both questions to the store, side by side, so that they take
/// the time of one. Frames on an open socket ask nobody.
/// </summary>
internal sealed class Admission(RequestDelegate next, RequestLimit limit, UpgradeRate upgrades, IRevocations revocations)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null || context.Features.Get<ValidatedToken>() is not { } token
            || await AdmitAsync(context, token))
        {
            await next(context);
        }
    }

    /// <summary>False: the refusal is written.</summary>
    private async Task<bool> AdmitAsync(HttpContext context, ValidatedToken token)
    {
        var user = $"{token.User}";
        if (limit.Rate.TakeHere(user) is { } wait)
        {
            return await RefuseAsync(context, wait);
        }

        // Behind the user's own limit: nobody can use up alone what is there for all.
        if (context.WebSockets.IsWebSocketRequest && upgrades.Take() is { } away)
        {
            NodeMetrics.RateLimited("connections");
            await context.Response.WriteAsync(WireRefusals.StoreUnavailable, away);
            return false;
        }

        var counted = limit.Rate.TakeEverywhereAsync(user, context.RequestAborted).AsTask();
        var asked = revocations.IsRevokedAsync(token, context.RequestAborted);
        await Task.WhenAll(counted, asked);
        if (await counted is { } longer)
        {
            return await RefuseAsync(context, longer);
        }

        var revoked = await asked;
        if (!revoked.IsOk)
        {
            await context.Response.WriteAsync(revoked.Error);
            return false;
        }

        if (revoked.Value)
        {
            context.Response.Headers.WWWAuthenticate = JwtBearerDefaults.AuthenticationScheme;
            await context.Response.WriteAsync(WireRefusals.Unauthenticated);
            return false;
        }

        return true;
    }

    private static async Task<bool> RefuseAsync(HttpContext context, TimeSpan wait)
    {
        NodeMetrics.RateLimited("requests");
        await context.Response.WriteAsync(WireRefusals.RateLimited, wait);
        return false;
    }
}
