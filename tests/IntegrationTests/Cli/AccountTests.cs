using System.Runtime.Versioning;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>Accounts and tokens, by the built tool against a node.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AccountTests(GarnetNode fixture) : IClassFixture<GarnetNode>, IDisposable
{
    private const string Password = "correct horse battery staple\n";

    private readonly ToolUser _user = new(fixture.Node.BaseAddress);
    private readonly string _name = $"ann{Pairs.User()}";

    private string Email => $"{_name}@example.com";

    [Fact]
    public async Task Who_registered_is_logged_in_and_can_log_in_again_by_name_or_address()
    {
        await using var registering = _user.Run("register", _name, Email, "--password-stdin", "--json").With(Password);
        await registering.EndsWithAsync(0);
        var id = Id(registering);

        foreach (var name in new[] { _name, Email })
        {
            await using var loggingIn = _user.Run("login", name, "--password-stdin", "--json").With(Password);
            await loggingIn.EndsWithAsync(0);
            Assert.Equal(id, Id(loggingIn));
            await EndsWithAsync(0, "", "end", "999");
        }
    }

    [Fact]
    public async Task The_token_is_for_its_owner_alone_whatever_the_shell_would_allow()
    {
        await using var run = ToolRun.StartProgram(
            _user.Environment, ["sh", "-c", "umask 000; exec \"$@\"", "sh", .. ToolRun.Command, "register", _name, Email, "--password-stdin"]).With(Password);
        await run.EndsWithAsync(0);

        var file = Assert.Single(_user.Files);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        var token = JsonElement.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).GetProperty("token").GetString()!;
        Assert.DoesNotContain(token, string.Join('\n', run.Lines) + run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_meanwhile_keeps_a_conversation_alive()
    {
        await EndsWithAsync(0, Password, "register", _name, Email, "--password-stdin");
        var file = _user.Files.Single();
        var lasting = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        // The first token is brief, and less so where the machine was too busy to meet and to log in meanwhile.
        var life = TimeSpan.FromSeconds(12);
        while (!await IsKeptAliveAsync(file, lasting, life))
        {
            Assert.True(life < TimeSpan.FromMinutes(2), "They never met in time.");
            life *= 3;
        }
    }

    /// <summary>The node accepts the first token for so long. False: that was too short.</summary>
    private async Task<bool> IsKeptAliveAsync(string file, string lasting, TimeSpan life)
    {
        var account = JsonElement.Parse(lasting);
        var (ann, bob) = (account.GetProperty("id").GetInt64(), Pairs.User());

        // It accepts a token for 30 s past its end.
        var over = DateTimeOffset.UtcNow + life;
        var brief = TestNode.Mint(ann, life - TimeSpan.FromSeconds(30));
        await File.WriteAllTextAsync(file, lasting.Replace(account.GetProperty("token").GetString()!, brief, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using var receiving = _user.Run("receive", $"{bob}", "--count", "1");
        using var peer = new ToolUser(fixture.Node.BaseAddress, bob);
        await using var sending = peer.Run("send", $"{ann}");
        var haveMet = await receiving.PrintsBeforeItsEndAsync("Connected.");
        await EndsWithAsync(0, Password, "login", _name, "--password-stdin");
        if (!haveMet || DateTimeOffset.UtcNow > over.AddSeconds(-1))
        {
            return false;
        }

        await Eventually.HoldsAsync("the first token is refused", () => DateTimeOffset.UtcNow > over.AddSeconds(2), life + ToolRun.Long);
        sending.With("still here\n");

        await sending.EndsWithAsync(0);
        await receiving.EndsWithAsync(0);
        Assert.Equal(["still here"], receiving.Lines);
        Assert.DoesNotContain("expired", receiving.Errors, StringComparison.Ordinal);
        return true;
    }

    [Fact]
    public async Task After_logging_out_one_is_nobody()
    {
        await EndsWithAsync(0, Password, "register", _name, Email, "--password-stdin");

        await EndsWithAsync(0, "", "logout");

        Assert.Empty(_user.Files);
        await using var run = _user.Run("end", "999", "--json");
        await run.EndsWithAsync(3);
        Assert.Equal("unauthenticated", run.Json.Single().GetProperty("kind").GetString());
        Assert.Contains("im login", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_told_by_code_3_and_changes_nothing()
    {
        await EndsWithAsync(0, Password, "register", _name, Email, "--password-stdin");
        var before = await File.ReadAllTextAsync(_user.Files.Single(), TestContext.Current.CancellationToken);

        await using var run = _user.Run("login", _name, "--password-stdin", "--json").With("another password\n");

        await run.EndsWithAsync(3);
        Assert.Equal("wrong_credentials", run.Json.Single().GetProperty("kind").GetString());
        Assert.Equal(before, await File.ReadAllTextAsync(_user.Files.Single(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_token_that_is_not_good_is_told_by_code_3()
    {
        _user.Environment["IM_TOKEN"] = Tokens.Mint(5, alter: token => token.SigningCredentials = Tokens.SignedWith("another key, which is long enough to sign"));
        await EndsWithAsync(3, "", "end", "999");

        _user.Environment["IM_TOKEN"] = "rubbish";
        await EndsWithAsync(3, "", "end", "999");
    }

    [Fact]
    public async Task A_taken_name_is_told_by_code_1_and_faulty_fields_by_code_2()
    {
        await EndsWithAsync(0, Password, "register", _name, Email, "--password-stdin");

        await EndsWithAsync(1, Password, "register", _name, Email, "--password-stdin");
        await using var run = _user.Run("register", _name, "nowhere", "--password-stdin", "--json").With("short\n");
        await run.EndsWithAsync(2);
        var errors = run.Json.Single().GetProperty("errors");
        Assert.Equal(["email", "password"], errors.EnumerateObject().Select(field => field.Name).Order());
        Assert.Contains("  email: ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_password_that_is_asked_for_is_seen_nowhere_also_where_the_output_goes_to_a_file(bool toFile)
    {
        await EndsWithAsync(0, Password, "register", _name, Email, "--password-stdin");
        var file = Path.GetTempFileName();
        try
        {
            await using var terminal = toFile ? Terminal.StartInto(file, _user, "login", _name, "--json") : Terminal.Start(_user, "login", _name, "--json");

            await terminal.WritesAsync("Password:");
            await terminal.EnterAsync(Password.Trim());

            Assert.Equal(0, await terminal.ExitAsync());
            var written = terminal.Written + await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.Contains("\"type\":\"account\"", written, StringComparison.Ordinal);
            Assert.DoesNotContain("horse", written, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Without_a_terminal_a_password_is_not_asked_for() => await EndsWithAsync(2, Password, "login", _name);

    public void Dispose() => _user.Dispose();

    private static long Id(ToolRun run) => run.Json.Single(line => line.GetProperty("type").GetString() == "account").GetProperty("id").GetInt64();

    private async Task EndsWithAsync(int code, string input, params string[] words)
    {
        await using var run = _user.Run(words).With(input);
        await run.EndsWithAsync(code);
    }
}
