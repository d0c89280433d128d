using Dapper;
using Im.Application.Accounts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;

namespace Im.Infrastructure.Accounts;

/// <summary>The SQLite file of the local accounts: where it is, and that it is there before the first call.</summary>
/// <remarks>
/// Table <c>accounts</c>: id (never given twice), username and email as written, both again folded for comparing, the password's
/// hash. SQLite's own rollback journal stays, so that between two writes this is the only file.
/// </remarks>
internal sealed class AccountFile(AccountOptions options) : IHostedService
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS accounts (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            username      TEXT NOT NULL,
            username_key  TEXT NOT NULL UNIQUE,
            email         TEXT NOT NULL,
            email_key     TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL
        )
        """;

    private readonly string _path = Path.GetFullPath(string.IsNullOrEmpty(options.Database) ? DefaultPath : options.Database);

    private static string DefaultPath => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "im", "accounts.db");

    /// <summary>An open connection. Unpooled, so that nothing holds the file once the node has stopped.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // The timeout is how long a writer waits for another one, of this node or of one that shares the file.
        var settings = new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            CreateFile();
            await using var connection = await OpenAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(Schema, cancellationToken: cancellationToken));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException($"The setting Accounts:Database names {_path}, which cannot be written or is no database.", fault);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Created here and not by SQLite, so that it is never, not even for a moment, readable by others.
    private void CreateFile()
    {
        var file = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        var folder = Path.GetDirectoryName(_path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var created = new FileStream(_path, file);
    }
}
