using FluentValidation;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.Accounts;

/// <summary>Someone asks for a token; <c>POST /user/login</c>. Goes by the username if it is not empty, else by the email.</summary>
public sealed record LogIn(string? Username, string? Email, string? Password) : IRequest<Result<SignedIn>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Prints nothing: it holds a password.</summary>
    public override string ToString() => nameof(LogIn);
}

internal sealed class LogInValidator : AbstractValidator<LogIn>
{
    // Lenient on purpose: accounts made under older rules keep working, and only the bounds protect the node.
    public LogInValidator()
    {
        RuleFor(command => command.Username)
            .Must((command, name) => !string.IsNullOrEmpty(name) || !string.IsNullOrEmpty(command.Email)).WithMessage("A username or an email is required.")
            .Must(IsBounded).WithMessage(TooLong);
        RuleFor(command => command.Email).Must(IsBounded).WithMessage(TooLong);
        RuleFor(command => command.Password).IsAPassword(min: 1);
    }

    private static string TooLong => $"At most {AccountRules.MaxEmail} characters.";

    private static bool IsBounded(string? text) => text is null or { Length: <= AccountRules.MaxEmail };
}

internal sealed class LogInHandler(IAccountRepository accounts, IPasswordHasher hasher, ITokenIssuer tokens, IRevocations revocations) : IRequestHandler<LogIn, Result<SignedIn>>
{
    public async Task<Result<SignedIn>> Handle(LogIn request, CancellationToken cancellationToken)
    {
        var account = string.IsNullOrEmpty(request.Username)
            ? await accounts.FindByEmailAsync(request.Email!, cancellationToken)
            : await accounts.FindByUsernameAsync(request.Username, cancellationToken);

        // Checked also where there is no account, so that the time does not tell.
        var check = hasher.Check(account?.PasswordHash, request.Password!);
        if (account is null || check is PasswordCheck.Wrong)
        {
            return Errors.WrongCredentials;
        }

        if (check is PasswordCheck.RightButOutdated)
        {
            await accounts.ReplaceHashAsync(account.Id, hasher.Hash(request.Password!), cancellationToken);
        }

        // Another node may have revoked the ones before, by a clock that is ahead of this one's.
        var revoked = await revocations.FindAsync([account.Id], cancellationToken);
        return revoked.IsOk
            ? new SignedIn(account.Id, tokens.Issue(account.Id, account.Username, revoked.Value is [var revocation, ..] ? revocation.Until : null))
            : revoked.Error;
    }
}
