using Im.Domain;

namespace Im.Application.Accounts;

/// <summary>A local account as the store keeps it.</summary>
public sealed record Account(UserId Id, string Username, string Email, string PasswordHash)
{
    /// <summary>Prints no hash.</summary>
    public override string ToString() => $"Account {Id}";
}

/// <summary>Local accounts. Names and emails are compared without regard to case.</summary>
public interface IAccountRepository
{
    /// <summary>Adds an account and gives it the next id, never one that was used before; one atomic step. <see cref="ErrorCode.NameTaken"/>.</summary>
    Task<Result<UserId>> AddAsync(string username, string email, string passwordHash, CancellationToken cancellationToken);

    /// <summary>The account with this username; null: none.</summary>
    Task<Account?> FindByUsernameAsync(string username, CancellationToken cancellationToken);

    /// <summary>The account with this email; null: none.</summary>
    Task<Account?> FindByEmailAsync(string email, CancellationToken cancellationToken);

    /// <summary>Keeps a newer hash of the same password.</summary>
    Task ReplaceHashAsync(UserId id, string passwordHash, CancellationToken cancellationToken);
}
