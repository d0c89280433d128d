using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Im.Client.Wire;

namespace Im.Client;

/// <summary>A user and their token. Prints without the token.</summary>
public sealed class Account
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    internal Account(long userId, string token, DateTimeOffset expiresAt)
    {
        UserId = userId;
        Token = token;
        ExpiresAt = expiresAt;
    }

    /// <summary>The user's number, 1 to 2^53-1.</summary>
    public long UserId { get; }

    /// <summary>The JWT. A secret: whoever has it is this user until it expires.</summary>
    public string Token { get; }

    /// <summary>When the token expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Takes the user (claim <c>id</c>) and the end (<c>exp</c>) from a JWT. Checks no signature: that is the server's part.</summary>
    /// <param name="token">The JWT.</param>
    /// <exception cref="FormatException">It is not a JWT with these two claims. The text of the exception does not hold the token.</exception>
    public static Account FromToken(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Read(token) ?? throw new FormatException("The token is not a JWT with the claims id and exp.");
    }

    /// <summary>Nothing in it but what a JWT has: it can stand in a header.</summary>
    internal static bool IsInForm(string token) => token.Length > 0 && !token.AsSpan().ContainsAnyExcept(TokenCharacters);

    /// <summary>The user's number, and nothing secret.</summary>
    public override string ToString() => $"user {UserId}";

    private static Account? Read(string token)
    {
        try
        {
            var claims = IsInForm(token) && token.Split('.') is [_, var payload, _] ? JsonSerializer.Deserialize(Base64Url.DecodeFromChars(payload), WireJson.Default.Claims) : null;
            return claims is { UserId: { } user, Exp: { } seconds } ? new Account(user, token, DateTimeOffset.UnixEpoch.AddSeconds(seconds)) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            // Whatever is wrong with it: the cause could quote a part of the token.
            return null;
        }
    }
}
