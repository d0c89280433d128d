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

    public IssuedToken Issue(UserId user, string username)
    {
        // Whole seconds, as in the token, so that the client is told the very moment the token says.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var expires = now + options.TokenLifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { [options.UserIdClaim] = user.Number, ["username"] = username },
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Issuer = options.Issuer,
            Audience = options.Audience,
            SigningCredentials = _credentials,
        });
        return new IssuedToken(token, DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()));
    }
}
