using Im.Domain;

namespace Im.Application.Accounts;

/// <summary>A token for a user, and until when it is good. Prints as <c>[redacted]</c>.</summary>
public sealed record IssuedToken(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => "[redacted]";
}

/// <summary>Issues tokens for local accounts.</summary>
public interface ITokenIssuer
{
    /// <summary>A fresh token that claims the user's number and, for show only, the username.</summary>
    IssuedToken Issue(UserId user, string username);
}
