using Im.Application.Accounts;
using Im.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Im.Infrastructure.Accounts;

/// <summary>Issues HS256 tokens with the node's own key.</summary>
internal sealed class JwtIssuer(JwtOptions options, TimeProvider time) : ITokenIssuer
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _credentials = new(new SymmetricSecurityKey(options.GetKey()), SecurityAlgorithms.HmacSha256);

    public IssuedToken Issue(UserId user, string username, DateTimeOffset? after = null)
    {
        // To the millisecond: who logs out and in again within a second gets a token that is not among the revoked ones.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var issued = after is { } moment ? Math.Max(now, moment.ToUnixTimeMilliseconds() + 1) : now;

        // Whole seconds, as in the token, so that the client is told the very moment the token says.
        var expires = DateTimeOffset.FromUnixTimeSeconds(now / 1000) + options.TokenLifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { [options.UserIdClaim] = user.Number, ["username"] = username, [JwtRegisteredClaimNames.Iat] = issued / 1000.0 },
            Expires = expires.UtcDateTime,
            Issuer = options.Issuer,
            Audience = options.Audience,
            SigningCredentials = _credentials,
        });
        return new IssuedToken(token, DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()));
    }
}
