using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Im.IntegrationTests.Harness;

/// <summary>Mints the tokens that a node accepts, and by <c>alter</c> such as it must not.</summary>
internal static class Tokens
{
    /// <summary>What every test node signs and checks with, so that a token is good on all of them.</summary>
    public const string SigningKey = "a signing key of tests, and of nothing else";

    /// <param name="user">The claim <c>id</c>.</param>
    /// <param name="expiresIn">May be negative.</param>
    /// <param name="alter">Changes anything before it is signed.</param>
    public static string Mint(object user, TimeSpan? expiresIn = null, Action<SecurityTokenDescriptor>? alter = null)
    {
        var expires = DateTime.UtcNow + (expiresIn ?? TimeSpan.FromHours(1));
        var descriptor = new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { ["id"] = user },
            IssuedAt = expires.AddDays(-1),
            NotBefore = expires.AddDays(-1),
            Expires = expires,
            SigningCredentials = SignedWith(SigningKey),
        };
        alter?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public static SigningCredentials SignedWith(string key, string algorithm = SecurityAlgorithms.HmacSha256) =>
        new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), algorithm);
}
