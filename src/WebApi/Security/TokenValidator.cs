using System.Text.Json;
using Im.Application.Accounts;
using Im.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Im.WebApi.Security;

/// <summary>What a valid token says.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="ExpiresAt">Its <c>exp</c>, without the clock skew.</param>
/// <param name="IssuedAt">Its <c>iat</c>; before all time where it says none, so that any revocation covers it.</param>
internal sealed record ValidatedToken(UserId User, DateTimeOffset ExpiresAt, DateTimeOffset IssuedAt);

/// <summary>
/// Says whether a token is valid and whose it is: for requests, as the handler of the HTTP scheme, and for the frame
/// <c>auth</c> alike. By the node's own key, or by what the authority says at this moment.
/// </summary>
internal sealed class TokenValidator(JwtOptions options, TimeProvider time, AuthorityKeys? authority = null) : TokenHandler
{
    /// <summary>How far the clocks of issuer and node may differ.</summary>
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    // A token may claim to be good until the end of time; whoever adds to that moment must not overflow.
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TokenValidationResult NotJudged = new() { IsValid = false, Exception = new SecurityTokenException("The authority's keys are not known.") };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    // HS256 alone: whoever accepts more lets the sender choose how it is checked.
    private readonly TokenValidationParameters? _own = authority is not null ? null : new TokenValidationParameters
    {
        IssuerSigningKey = new SymmetricSecurityKey(options.GetKey()),
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireSignedTokens = true,
        ValidateIssuer = !string.IsNullOrEmpty(options.Issuer),
        ValidIssuer = options.Issuer,
        ValidateAudience = !string.IsNullOrEmpty(options.Audience),
        ValidAudience = options.Audience,
        LifetimeValidator = IsInTime(time),
    };

    /// <summary>False: there is nothing to judge a token by, as the authority has not answered yet. No token is valid then, and none is bad.</summary>
    internal bool CanJudge => authority is null || authority.Present is not null;

    /// <summary>For the frame <c>auth</c>; null: not valid.</summary>
    internal async ValueTask<ValidatedToken?> ValidateAsync(string token)
    {
        var result = await JudgeAsync(token);
        return result.IsValid ? Read(result.SecurityToken) : null;
    }

    /// <summary>For the HTTP scheme.</summary>
    /// <param name="token">The token.</param>
    /// <param name="validationParameters">Not looked at: the scheme knows no more than this.</param>
    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters) => JudgeAsync(token);

    /// <summary>Reads the claims of a token whose signature and times are good; null if they name no user.</summary>
    internal ValidatedToken? Read(SecurityToken token)
    {
        try
        {
            return token is JsonWebToken jwt ? Read(jwt) : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The library is content with less than JSON: it reads one object, and does not look at what stands behind it.
            return null;
        }
    }

    private ValidatedToken? Read(JsonWebToken token)
    {
        // From the payload as written: the library's claims no longer tell 9 from [9], and know only whole seconds.
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        if (UserIn(payload.RootElement) is not { IsOk: true, Value: var user })
        {
            return null;
        }

        var expires = new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
        return new ValidatedToken(user, expires < Latest ? expires : Latest, IssuedIn(payload.RootElement));
    }

    /// <summary>The skew is added to the clock, not to the token: its times may lie at the ends of the calendar.</summary>
    internal static LifetimeValidator IsInTime(TimeProvider time) => (notBefore, expires, _, _) =>
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew && (notBefore is null || notBefore <= now + ClockSkew);
    };

    private async Task<TokenValidationResult> JudgeAsync(string token)
    {
        if (authority is null)
        {
            return await _handler.ValidateTokenAsync(token, _own);
        }

        if (authority.Present is not { } keys)
        {
            return NotJudged;
        }

        var result = await _handler.ValidateTokenAsync(token, keys.Parameters);
        return !result.IsValid && result.TokenOnFailedValidation is JsonWebToken jwt && keys.MayLack(jwt) && await authority.ReadForTokenAsync() is { } newer && newer != keys
            ? await _handler.ValidateTokenAsync(token, newer.Parameters)
            : result;
    }

    private static DateTimeOffset IssuedIn(JsonElement payload) =>
        payload.TryGetProperty(JwtRegisteredClaimNames.Iat, out var claim) && claim.ValueKind is JsonValueKind.Number
        && claim.TryGetDouble(out var seconds) && seconds >= 0 && seconds <= Latest.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000))
            : DateTimeOffset.MinValue;

    private Result<UserId> UserIn(JsonElement payload) =>
        payload.TryGetProperty(options.UserIdClaim, out var claim)
            ? claim.ValueKind switch
            {
                JsonValueKind.Number => UserId.Parse(claim.GetRawText()),
                JsonValueKind.String => UserId.Parse(claim.GetString()),
                _ => Errors.NotAUserId,
            }
            : Errors.NotAUserId;
}
