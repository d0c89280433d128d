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
    IssuedToken Issue(UserId user, string username);
}
