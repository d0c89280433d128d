using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Im.Application.Accounts;

/// <summary>Settings of the tokens that users bring; section <c>Jwt</c>. Prints as <c>[redacted]</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>Bytes of the shortest key that HS256 is safe with.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>The HS256 key, at least 32 bytes of UTF-8. Null: a random one per start on the embedded store; an external store needs one.</summary>
    public string? SigningKey { get; set; }

    /// <summary>An OpenID Connect authority in place of the key; not supported yet, so it is refused.</summary>
    public string? Authority { get; set; }

    /// <summary>Who tokens must be for, and what issued ones say. Null: not looked at.</summary>
    public string? Audience { get; set; }

    /// <summary>Who must have issued a token, and what issued ones say. Null: not looked at.</summary>
    public string? Issuer { get; set; }

    /// <summary>The claim that holds the user's number.</summary>
    [Required]
    public string UserIdClaim { get; set; } = "id";

    /// <summary>How long a token that the node issues is good.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The key's bytes.</summary>
    public byte[] GetKey() => Encoding.UTF8.GetBytes(SigningKey ?? throw new InvalidOperationException("There is no signing key."));

    /// <summary>It holds the signing key.</summary>
    public override string ToString() => "[redacted]";
}
