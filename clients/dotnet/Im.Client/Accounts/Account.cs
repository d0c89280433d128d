namespace Im.Client;

/// <summary>A user and their token. Prints without the token.</summary>
public sealed class Account
{
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
    public static Account FromToken(string token) => throw new NotImplementedException();

    /// <summary>The user's number, and nothing secret.</summary>
    public override string ToString() => $"user {UserId}";
}
