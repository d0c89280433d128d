using System.Security.Cryptography;
using Im.Application.Accounts;
using Microsoft.AspNetCore.Identity;

namespace Im.Infrastructure.Accounts;

/// <summary>Passwords hashed by the framework's <see cref="PasswordHasher{TUser}"/>: PBKDF2 with a salt, its cost kept in the hash.</summary>
internal sealed class FrameworkPasswordHasher : IPasswordHasher
{
    private static readonly object Nobody = new();

    private readonly PasswordHasher<object> _hasher = new();

    // What a password is checked against where there is no account; nobody knows the password it is of.
    private readonly string _dummy;

    public FrameworkPasswordHasher() => _dummy = Hash(RandomNumberGenerator.GetHexString(32));

    public string Hash(string password) => _hasher.HashPassword(Nobody, password);

    public PasswordCheck Check(string? hash, string password)
    {
        var result = _hasher.VerifyHashedPassword(Nobody, hash ?? _dummy, password);
        return (hash, result) switch
        {
            (null, _) or (_, PasswordVerificationResult.Failed) => PasswordCheck.Wrong,
            (_, PasswordVerificationResult.SuccessRehashNeeded) => PasswordCheck.RightButOutdated,
            _ => PasswordCheck.Right,
        };
    }
}
