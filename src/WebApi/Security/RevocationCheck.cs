using Im.Application.Accounts;
using Im.Domain;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Im.WebApi.Security;

/// <summary>Asks the store, once for each call and each upgrade, whether the caller's token was revoked. Frames on an open socket ask nobody.</summary>
internal sealed class RevocationCheck(RequestDelegate next, IRevocations revocations)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null && context.Features.Get<ValidatedToken>() is { } token)
        {
            var revoked = await revocations.IsRevokedAsync(token, context.RequestAborted);
            if (!revoked.IsOk)
            {
                await context.Response.WriteAsync(revoked.Error);
                return;
            }

            if (revoked.Value)
            {
                context.Response.Headers.WWWAuthenticate = JwtBearerDefaults.AuthenticationScheme;
                await context.Response.WriteAsync(WireRefusals.Unauthenticated);
                return;
            }
        }

        await next(context);
    }
}

/// <summary>The question of one token.</summary>
internal static class RevocationExtensions
{
    /// <summary>Whether the token was revoked. <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    internal static async Task<Result<bool>> IsRevokedAsync(this IRevocations revocations, ValidatedToken token, CancellationToken cancellationToken)
    {
        var found = await revocations.FindAsync([token.User], cancellationToken);
        return found.IsOk ? found.Value.Any(revocation => revocation.Covers(token.IssuedAt)) : found.Error;
    }
}
