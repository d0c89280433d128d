using Im.Application.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Im.WebApi.Security;

/// <summary>What an authority said of itself at one moment: its name, and the keys that it signs with.</summary>
internal sealed class AuthorityKeySet
{
    private const int MinRsaBits = 2048;
    private const int P256Bits = 256;

    private static readonly string[] Algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly HashSet<string> _ids;

    private AuthorityKeySet(JwtOptions options, string issuer, IReadOnlyCollection<SecurityKey> keys, TimeProvider time)
    {
        _ids = [.. keys.Select(key => key.KeyId).OfType<string>()];
        Parameters = new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            ValidIssuer = issuer,
            ValidAudience = options.Audience,
            LifetimeValidator = TokenValidator.IsInTime(time),
            IncludeTokenOnFailedValidation = true,
        };
    }

    /// <summary>How a token is checked by these keys.</summary>
    public TokenValidationParameters Parameters { get; }

    /// <summary>The key set, or why the authority cannot be believed, in words that follow "the authority".</summary>
    public static (AuthorityKeySet? Keys, string? Fault) Of(JwtOptions options, OpenIdConnectConfiguration said, TimeProvider time)
    {
        // OpenID Connect Discovery 1.0, section 4.3: what it calls itself is where it was found. An operator who says whose
        // tokens are good knows better, and then only that name is.
        if (string.IsNullOrEmpty(options.Issuer) && said.Issuer?.TrimEnd('/') != options.Authority!.TrimEnd('/'))
        {
            return (null, "calls itself by another name than Jwt:Authority; set Jwt:Issuer if that is right");
        }

        SecurityKey[] keys = [.. said.SigningKeys.Where(IsStrong)];
        return keys.Length == 0
            ? (null, "has no key for RS256 or ES256")
            : (new AuthorityKeySet(options, string.IsNullOrEmpty(options.Issuer) ? said.Issuer! : options.Issuer, keys, time), null);
    }

    /// <summary>Whether a token that is not valid by these keys names another one, which may be newer.</summary>
    public bool MayLack(JsonWebToken token) => token.Kid is { Length: > 0 } id && Algorithms.Contains(token.Alg) && !_ids.Contains(id);

    private static bool IsStrong(SecurityKey key) => key switch
    {
        RsaSecurityKey => key.KeySize >= MinRsaBits,
        ECDsaSecurityKey => key.KeySize == P256Bits,
        _ => false,
    };
}
