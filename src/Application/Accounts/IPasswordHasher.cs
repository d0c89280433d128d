namespace Im.Application.Accounts;

/// <summary>What a check of a password said.</summary>
public enum PasswordCheck
{
    /// <summary>Also where there is no account.</summary>
    Wrong,

    /// <summary>And hashed as new ones are.</summary>
    Right,

    /// <summary>Right, but hashed the way of an older version: hash it again.</summary>
    RightButOutdated,
}

/// <summary>Hashes passwords slowly, and checks them against a hash.</summary>
public interface IPasswordHasher
{
    /// <summary>A hash with a salt of its own: the same password gives another one every time.</summary>
    string Hash(string password);

    /// <summary>Takes as long without a hash as with one, so that the time does not tell whether an account exists.</summary>
    /// <param name="hash">Null where there is no such account; the answer is then <see cref="PasswordCheck.Wrong"/>.</param>
    /// <param name="password">What was given.</param>
    PasswordCheck Check(string? hash, string password);
}
