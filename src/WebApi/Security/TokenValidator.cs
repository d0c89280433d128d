using System.Text.Json;
using Im.Application.Accounts;
using Im.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Im.WebApi.Security;

/// <summary>What a valid token says.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="ExpiresAt">Its <c>exp</c>, without the clock skew.</param>
internal sealed record ValidatedToken(UserId User, DateTimeOffset ExpiresAt);

/// <summary>Says whether a token is valid and whose it is: for requests and for the frame <c>auth</c> alike.</summary>
internal sealed class TokenValidator(JwtOptions options, TimeProvider time)
{
    /// <summary>How far the clocks of issuer and node may differ.</summary>
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    // A token may claim to be good until the end of time; whoever adds to that moment must not overflow.
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Shared with the HTTP scheme. HS256 alone: whoever accepts more lets the sender choose how it is checked.</summary>
    internal TokenValidationParameters Parameters { get; } = new()
    {
        IssuerSigningKey = new SymmetricSecurityKey(options.GetKey()),
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireSignedTokens = true,
        ValidateIssuer = !string.IsNullOrEmpty(options.Issuer),
        ValidIssuer = options.Issuer,
        ValidateAudience = !string.IsNullOrEmpty(options.Audience),
        ValidAudience = options.Audience,
        LifetimeValidator = (notBefore, expires, _, _) => IsInTime(notBefore, expires, time.GetUtcNow().UtcDateTime),
    };

    internal JsonWebTokenHandler Handler { get; } = new() { MapInboundClaims = false };

    internal async ValueTask<ValidatedToken?> ValidateAsync(string token)
    {
        var result = await Handler.ValidateTokenAsync(token, Parameters);
        return result.IsValid ? Read(result.SecurityToken) : null;
    }

    /// <summary>Reads the claims of a token whose signature and times are good; null if they name no user.</summary>
    internal ValidatedToken? Read(SecurityToken token)
    {
        if (token is not JsonWebToken jwt || UserIn(jwt) is not { IsOk: true, Value: var user })
        {
            return null;
        }

        var expires = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);
        return new ValidatedToken(user, expires < Latest ? expires : Latest);
    }

    // Read from the payload as written: the library's claims no longer tell 9 from [9].
    private Result<UserId> UserIn(JsonWebToken jwt)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        return payload.RootElement.TryGetProperty(options.UserIdClaim, out var claim)
            ? claim.ValueKind switch
            {
                JsonValueKind.Number => UserId.Parse(claim.GetRawText()),
                JsonValueKind.String => UserId.Parse(claim.GetString()),
                _ => Errors.NotAUserId,
            }
            : Errors.NotAUserId;
    }

    // The skew is added to the clock, not to the token: its times may lie at the ends of the calendar.
    private static bool IsInTime(DateTime? notBefore, DateTime? expires, DateTime now) =>
        expires > now - ClockSkew && (notBefore is null || notBefore <= now + ClockSkew);
}
