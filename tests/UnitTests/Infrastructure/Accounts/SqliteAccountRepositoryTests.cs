using Im.Application.Accounts;
using Im.Domain;
using Im.Infrastructure;
using Im.Infrastructure.Accounts;

namespace Im.UnitTests.Infrastructure.Accounts;

public sealed class SqliteAccountRepositoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("im-accounts-");
    private readonly AccountFile _file;
    private readonly SqliteAccountRepository _accounts;

    public SqliteAccountRepositoryTests()
    {
        _file = new AccountFile(new AccountOptions { Database = PathOf("inner/accounts.db") });
        _accounts = new SqliteAccountRepository(_file);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_and_emails_are_unique_and_found_without_regard_to_case()
    {
        await _file.StartAsync(Cancelled);
        var ann = await _accounts.AddAsync("Änn", "Ann@example.org", "hash", Cancelled);

        Assert.Equal(1, ann.Value.Number);
        Assert.Equal(Errors.NameTaken, (await _accounts.AddAsync("äNN", "other@example.org", "hash", Cancelled)).Error);
        Assert.Equal(Errors.NameTaken, (await _accounts.AddAsync("other", "ann@EXAMPLE.org", "hash", Cancelled)).Error);
        Assert.Equal(new Account(ann.Value, "Änn", "Ann@example.org", "hash"), await _accounts.FindByUsernameAsync("ÄNN", Cancelled));
        Assert.Equal(ann.Value, (await _accounts.FindByEmailAsync("ANN@example.org", Cancelled))!.Id);
        Assert.Null(await _accounts.FindByUsernameAsync("ann@example.org", Cancelled));
    }

    [Fact]
    public async Task A_newer_hash_stays()
    {
        await _file.StartAsync(Cancelled);
        var ann = await _accounts.AddAsync("ann", "ann@example.org", "hash", Cancelled);

        await _accounts.ReplaceHashAsync(ann.Value, "newer", Cancelled);

        Assert.Equal("newer", (await _accounts.FindByUsernameAsync("ann", Cancelled))!.PasswordHash);
    }

    [Fact]
    public async Task Everything_is_in_one_file_that_only_its_owner_reads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are Unix's.");
        await _file.StartAsync(Cancelled);
        await _accounts.AddAsync("ann", "ann@example.org", "hash", Cancelled);

        var file = Assert.Single(_folder.GetFiles("*", SearchOption.AllDirectories));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_stops_the_start_with_the_settings_name()
    {
        await File.WriteAllTextAsync(PathOf("file"), "no folder", Cancelled);
        var file = new AccountFile(new AccountOptions { Database = PathOf("file/accounts.db") });

        var fault = await Assert.ThrowsAsync<StartupException>(() => file.StartAsync(Cancelled));

        Assert.Contains("Accounts:Database", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_is_right_only_against_its_own_hash()
    {
        var hasher = new FrameworkPasswordHasher();
        var hash = hasher.Hash("secret");

        Assert.Equal(PasswordCheck.Right, hasher.Check(hash, "secret"));
        Assert.Equal(PasswordCheck.Wrong, hasher.Check(hash, "Secret"));
        Assert.Equal(PasswordCheck.Wrong, hasher.Check(null, "secret"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
