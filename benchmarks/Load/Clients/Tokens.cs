using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Im.Load.Clients;

/// <summary>Signs the tokens of the load's users.</summary>
internal static class Tokens
{
    /// <summary>What servers under load sign and check with.</summary>
    internal const string SigningKey = "a signing key of benchmarks, and of nothing else";

    private static readonly byte[] s_key = Encoding.UTF8.GetBytes(SigningKey);
    private static readonly string s_header = Base64Url.EncodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"u8);
    private static readonly long s_issued = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60;

    internal static string Mint(long user)
    {
        var claims = Encoding.ASCII.GetBytes($"{{\"id\":{user},\"nbf\":{s_issued},\"iat\":{s_issued},\"exp\":{s_issued + 86_400}}}");
        var signed = $"{s_header}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(s_key, Encoding.ASCII.GetBytes(signed)))}";
    }
}
