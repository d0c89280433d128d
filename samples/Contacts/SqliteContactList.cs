using Dapper;
using Im.Domain;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Contacts;

/// <summary>The contacts in a SQLite file of their own. Table <c>contacts</c>: one row per owner and contact.</summary>
internal sealed class SqliteContactList(IOptions<ContactsOptions> options) : IContactList, IHostedService
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS contacts (
            owner   INTEGER NOT NULL,
            contact INTEGER NOT NULL,
            PRIMARY KEY (owner, contact)
        ) WITHOUT ROWID
        """;

    // One statement decides, so that two calls at once cannot both take the last place.
    private const string Insert = """
        INSERT INTO contacts (owner, contact)
        SELECT @owner, @contact WHERE (SELECT COUNT(*) FROM contacts WHERE owner = @owner) < @limit
        ON CONFLICT DO NOTHING;
        SELECT COUNT(*) FROM contacts WHERE owner = @owner AND contact = @contact
        """;

    // How long a writer waits for another one, of this node or of one that shares the file.
    private const int PatienceSeconds = 5;

    private static readonly Error Full = Errors.Parameters(new Dictionary<string, string[]>
    {
        [nameof(AddContact.ToUserId)] = [$"A user has at most {IContactList.Limit} contacts."],
    });

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(Schema, cancellationToken: cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<Result<Done>> AddAsync(UserId owner, UserId contact, CancellationToken cancellationToken)
    {
        var row = new { owner = owner.Number, contact = contact.Number, limit = IContactList.Limit };
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(Insert, row, cancellationToken: cancellationToken)) == 1 ? new Done() : Full;
    }

    public async Task RemoveAsync(UserId owner, UserId contact, CancellationToken cancellationToken)
    {
        const string delete = "DELETE FROM contacts WHERE owner = @owner AND contact = @contact";
        await using var connection = await OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(delete, new { owner = owner.Number, contact = contact.Number }, cancellationToken: cancellationToken));
    }

    public async Task<UserId[]> ReadAsync(UserId owner, CancellationToken cancellationToken)
    {
        const string select = "SELECT contact FROM contacts WHERE owner = @owner ORDER BY contact";
        await using var connection = await OpenAsync(cancellationToken);
        var numbers = await connection.QueryAsync<long>(new CommandDefinition(select, new { owner = owner.Number }, cancellationToken: cancellationToken));
        return [.. numbers.Select(number => UserId.Of(number).Value)];
    }

    public async ValueTask<bool> HaveEachOtherAsync(PairKey pair, CancellationToken cancellationToken)
    {
        const string count = "SELECT COUNT(*) FROM contacts WHERE (owner, contact) IN (VALUES (@lower, @higher), (@higher, @lower))";
        await using var connection = await OpenAsync(cancellationToken);
        var both = new { lower = pair.Lower.Number, higher = pair.Higher.Number };
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(count, both, cancellationToken: cancellationToken)) == 2;
    }

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.Value.Database, DefaultTimeout = PatienceSeconds }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
