using System.Runtime.Versioning;
using Im.Cli.Output;
using Im.Cli.Tokens;

namespace Im.UnitTests.Cli.Tokens;

[UnsupportedOSPlatform("windows")]
public sealed class TokenStoreTests : IDisposable
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly Uri Here = new("http://localhost:8083/");
    private static readonly DateTimeOffset Tomorrow = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000);

    private readonly string _root = Directory.CreateTempSubdirectory("im-tokens-").FullName;

    private string Folder => Path.Combine(_root, "im");

    private TokenStore Store => new(Folder);

    [Fact]
    public async Task A_token_is_found_again_for_its_server()
    {
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);

        var found = await Store.FindAsync(Here, default);

        Assert.Equal((9L, "a.b.c", Tomorrow.ToUnixTimeMilliseconds()), (found!.Id, found.Token, found.ExpiresAt));
    }

    [Fact]
    public async Task Nobody_but_the_owner_may_enter_the_folder_or_read_the_file()
    {
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        var file = Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_folder_that_was_open_to_others_is_closed()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, Open);

        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
    }

    [Fact]
    public async Task A_new_token_replaces_the_older_one_and_its_wider_rights_and_leaves_nothing_beside_it()
    {
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);
        File.SetUnixFileMode(Directory.GetFiles(Folder).Single(), Open);

        await Store.SaveAsync(Here, 9, "d.e.f", Tomorrow, default);

        Assert.Equal("d.e.f", (await Store.FindAsync(Here, default))!.Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(Folder))));
    }

    [Fact]
    public async Task A_link_in_the_files_place_is_replaced_and_not_followed()
    {
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);
        var file = Directory.GetFiles(Folder).Single();
        var elsewhere = Path.Combine(_root, "elsewhere");
        await File.WriteAllTextAsync(elsewhere, "untouched");
        File.Delete(file);
        File.CreateSymbolicLink(file, elsewhere);

        await Store.SaveAsync(Here, 9, "d.e.f", Tomorrow, default);

        Assert.Equal("untouched", await File.ReadAllTextAsync(elsewhere));
        Assert.Null(new FileInfo(file).LinkTarget);
    }

    [Fact]
    public async Task A_file_that_others_can_read_is_not_used()
    {
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);
        File.SetUnixFileMode(Directory.GetFiles(Folder).Single(), Open);

        var refused = await Assert.ThrowsAsync<ToolException>(() => Store.FindAsync(Here, default));

        Assert.Equal(("insecure_token_file", ExitCode.Failure), (refused.Kind, refused.ExitCode));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b.c not json")]
    [InlineData("""{"server":"http://elsewhere/","id":9,"token":"a.b.c","expires_at":1}""")]
    [InlineData("""{"server":"http://localhost:8083/","id":9,"token":"","expires_at":1}""")]
    [InlineData("null")]
    public async Task A_damaged_file_is_said_to_be_without_showing_what_is_in_it(string content)
    {
        await Store.SaveAsync(Here, 9, "x.y.z", Tomorrow, default);
        await File.WriteAllTextAsync(Directory.GetFiles(Folder).Single(), content);

        var refused = await Assert.ThrowsAsync<ToolException>(() => Store.FindAsync(Here, default));

        Assert.Equal("damaged_token_file", refused.Kind);
        Assert.DoesNotContain("a.b.c", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_server_has_a_token_of_its_own_and_none_leaves_the_folder()
    {
        var other = new Uri("https://im.example.com/../relay/");
        await Store.SaveAsync(Here, 9, "a.b.c", Tomorrow, default);
        await Store.SaveAsync(other, 10, "d.e.f", Tomorrow, default);

        Assert.True(Store.Delete(Here));

        Assert.Null(await Store.FindAsync(Here, default));
        Assert.Equal(10, (await Store.FindAsync(other, default))!.Id);
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_root));
        Assert.False(Store.Delete(Here));
    }

    [Theory]
    [InlineData("/config", "/config/im")]
    [InlineData("relative", "/home/ann/.config/im")]
    [InlineData("", "/home/ann/.config/im")]
    [InlineData(null, "/home/ann/.config/im")]
    public void The_folder_is_where_the_desktop_keeps_settings(string? configHome, string expected) =>
        Assert.Equal(expected, TokenStore.FolderFor(configHome, "/home/ann"));

    [Fact]
    public void A_stored_token_prints_without_it() =>
        Assert.DoesNotContain("a.b.c", new StoredToken("http://localhost/", 9, "a.b.c", 1).ToString(), StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
