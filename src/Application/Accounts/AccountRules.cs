using FluentValidation;

namespace Im.Application.Accounts;

/// <summary>What the fields of an account look like.</summary>
public static class AccountRules
{
    /// <summary>Characters of the longest email address that can be delivered to; no username is longer.</summary>
    public const int MaxEmail = 254;

    private const int MaxUsername = 64;
    private const int MaxPassword = 256;

    internal static IRuleBuilderOptions<T, string?> IsAUsername<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(name => name is { Length: >= 1 and <= MaxUsername } && !name.Any(char.IsControl) && name.Trim().Length == name.Length)
        .WithMessage("A username has 1 to 64 characters, no control characters, and no space at its ends.");

    /// <summary>Plausible, no more: whether it exists only a letter to it would tell.</summary>
    internal static IRuleBuilderOptions<T, string?> IsAnEmail<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(email => email is { Length: >= 3 and <= MaxEmail }
            && !email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            && email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
            && at == email.LastIndexOf('@')
            && at < email.Length - 1)
        .WithMessage("An email address has the form name@host and at most 254 characters.");

    /// <summary>The upper bound keeps the hashing of one password from costing more than that of any other.</summary>
    internal static IRuleBuilderOptions<T, string?> IsAPassword<T>(this IRuleBuilder<T, string?> rule, int min) => rule
        .Must(password => password?.Length >= min && password.Length <= MaxPassword)
        .WithMessage($"A password has {min} to {MaxPassword} characters.");
}
