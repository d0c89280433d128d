using Dapper;
using Im.Application.Accounts;
using Im.Domain;

namespace Im.Infrastructure.Accounts;

/// <summary>The local accounts in SQLite.</summary>
internal sealed class SqliteAccountRepository(AccountFile file) : IAccountRepository
{
    public async Task<Result<UserId>> AddAsync(string username, string email, string passwordHash, CancellationToken cancellationToken)
    {
        const string insert = """
            INSERT INTO accounts (username, username_key, email, email_key, password_hash)
            VALUES (@username, @usernameKey, @email, @emailKey, @passwordHash)
            ON CONFLICT DO NOTHING
            RETURNING id
            """;
        var account = new { username, usernameKey = Fold(username), email, emailKey = Fold(email), passwordHash };
        await using var connection = await file.OpenAsync(cancellationToken);
        var id = await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(insert, account, cancellationToken: cancellationToken));
        return id is null ? Errors.NameTaken : UserId.Of(id.Value);
    }

    public Task<Account?> FindByUsernameAsync(string username, CancellationToken cancellationToken) =>
        FindAsync("SELECT id, username, email, password_hash AS PasswordHash FROM accounts WHERE username_key = @key", Fold(username), cancellationToken);

    public Task<Account?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        FindAsync("SELECT id, username, email, password_hash AS PasswordHash FROM accounts WHERE email_key = @key", Fold(email), cancellationToken);

    public async Task ReplaceHashAsync(UserId id, string passwordHash, CancellationToken cancellationToken)
    {
        const string update = "UPDATE accounts SET password_hash = @passwordHash WHERE id = @number";
        await using var connection = await file.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(update, new { passwordHash, number = id.Number }, cancellationToken: cancellationToken));
    }

    private async Task<Account?> FindAsync(string select, string key, CancellationToken cancellationToken)
    {
        await using var connection = await file.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(select, new { key }, cancellationToken: cancellationToken));
        return row is null ? null : new Account(UserId.Of(row.Id).Value, row.Username, row.Email, row.PasswordHash);
    }

    // Folded here: SQLite's own NOCASE knows no letter beyond ASCII.
    private static string Fold(string name) => name.ToUpperInvariant();

    private sealed record Row(long Id, string Username, string Email, string PasswordHash)
    {
        public override string ToString() => "[redacted]";
    }
}
