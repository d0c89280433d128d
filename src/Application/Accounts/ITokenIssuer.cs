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
    /// <param name="user">Whose.</param>
    /// <param name="username">Not empty.</param>
    /// <param name="after">The token says that it was issued later than this: that moment's revocation does not cover it. Null: now.</param>
    IssuedToken Issue(UserId user, string username, DateTimeOffset? after = null);
}
