using FluentValidation;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.Accounts;

/// <summary>Someone creates an account; <c>POST /user/register</c>.</summary>
public sealed record Register(string? Username, string? Email, string? Password) : IRequest<Result<SignedIn>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Prints nothing: it holds a password.</summary>
    public override string ToString() => nameof(Register);
}

/// <summary>Who signed in, and the token for their calls.</summary>
public sealed record SignedIn(UserId User, IssuedToken Token);

internal sealed class RegisterValidator : AbstractValidator<Register>
{
    public RegisterValidator()
    {
        RuleFor(command => command.Username).IsAUsername();
        RuleFor(command => command.Email).IsAnEmail();
        RuleFor(command => command.Password).IsAPassword(min: 8);
    }
}

internal sealed class RegisterHandler(IAccountRepository accounts, IPasswordHasher hasher, ITokenIssuer tokens, AccountOptions options)
    : IRequestHandler<Register, Result<SignedIn>>
{
    public async Task<Result<SignedIn>> Handle(Register request, CancellationToken cancellationToken)
    {
        if (!options.OpenRegistration)
        {
            return Errors.RegistrationClosed;
        }

        var added = await accounts.AddAsync(request.Username!, request.Email!, hasher.Hash(request.Password!), cancellationToken);
        return added.IsOk ? new SignedIn(added.Value, tokens.Issue(added.Value, request.Username!)) : added.Error;
    }
}
