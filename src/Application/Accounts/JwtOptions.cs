using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Im.Application.Accounts;

/// <summary>Settings of the tokens that users bring; section <c>Jwt</c>. Prints as <c>[redacted]</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>Bytes of the shortest key that HS256 is safe with.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>The HS256 key, at least 32 bytes of UTF-8. Null: a random one per start on the embedded store; an external store needs one, or an authority.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// The address of an OpenID Connect authority in place of the key, such as <c>https://login.example/realm</c>; without TLS
    /// only on loopback. Its tokens are RS256 or ES256. It needs an audience, and there are no local accounts then. Null: none.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>Who tokens must be for, and what issued ones say. Null: not looked at; an authority needs one.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// Who must have issued a token, and what issued ones say. Null: not looked at; with an authority the name it calls itself,
    /// which must then be its address.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The claim that holds the user's number.</summary>
    [Required]
    public string UserIdClaim { get; set; } = "id";

    /// <summary>How long a token that the node issues is good; with an authority, the longest that one of its tokens is. A revocation is kept as long.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether an authority issues the tokens, and not this service.</summary>
    public bool HasAuthority => !string.IsNullOrEmpty(Authority);

    /// <summary>The key's bytes.</summary>
    public byte[] GetKey() => Encoding.UTF8.GetBytes(SigningKey ?? throw new InvalidOperationException("There is no signing key."));

    /// <summary>It holds the signing key.</summary>
    public override string ToString() => "[redacted]";
}
