using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Accounts;

/// <summary><c>im login</c>: a token for an account, which is kept.</summary>
internal static class LogInCommand
{
    public static Command Build(Running run)
    {
        var name = new Argument<string>("name") { Description = "Username; or email address, if it has an @." };
        var fromInput = Password.StandardInput();
        var command = new Command("login", "Log in and keep the token.") { name, fromInput };
        run(command, async (invocation, cancellationToken) =>
        {
            var given = invocation.Parsed.GetRequiredValue(name);
            var password = await Password.ReadAsync(invocation.Parsed.GetValue(fromInput), twice: false, cancellationToken);
            await using var client = given.Contains('@', StringComparison.Ordinal)
                ? await ImClient.LogInWithEmailAsync(invocation.ClientOptions, given, password, cancellationToken)
                : await ImClient.LogInAsync(invocation.ClientOptions, given, password, cancellationToken);
            return await KeepAsync(invocation, client.Account, cancellationToken);
        });
        return command;
    }

    /// <summary>Keeps the account's token and tells who it is.</summary>
    internal static async Task<ExitCode> KeepAsync(Invocation invocation, Account account, CancellationToken cancellationToken)
    {
        await invocation.Tokens.SaveAsync(invocation.Server, account.UserId, account.Token, account.ExpiresAt, cancellationToken);
        invocation.Reporter.Tell(new AccountReport(account.UserId, account.ExpiresAt));
        return ExitCode.Ok;
    }
}
