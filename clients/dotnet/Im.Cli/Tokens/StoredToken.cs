using System.Text.Json.Serialization;

namespace Im.Cli.Tokens;

/// <summary>What is kept between two runs: who one is at a server. No key ever is.</summary>
/// <param name="Server">The address it is for, as <see cref="TokenStore"/> was asked with.</param>
/// <param name="Id">The user.</param>
/// <param name="Token">The JWT: a secret.</param>
/// <param name="ExpiresAt">Unix milliseconds.</param>
internal sealed record StoredToken(
    [property: JsonPropertyName("server")] string Server,
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expires_at")] long ExpiresAt)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"token of user {Id}: [redacted]";
}

[JsonSerializable(typeof(StoredToken))]
internal sealed partial class StoredTokenJson : JsonSerializerContext;
