using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Client;

namespace Im.Cli.Accounts;

/// <summary><c>im register</c>: a new account, whose token is kept.</summary>
internal static class RegisterCommand
{
    public static Command Build(Running run)
    {
        var username = new Argument<string>("username") { Description = "1 to 64 characters." };
        var email = new Argument<string>("email") { Description = "Of the form name@host." };
        var fromInput = Password.StandardInput();
        var command = new Command("register", "Create an account and log in.") { username, email, fromInput };
        run(command, async (invocation, cancellationToken) =>
        {
            var password = await Password.ReadAsync(invocation.Parsed.GetValue(fromInput), twice: true, cancellationToken);
            await using var client = await ImClient.RegisterAsync(
                invocation.ClientOptions, invocation.Parsed.GetRequiredValue(username), invocation.Parsed.GetRequiredValue(email), password, cancellationToken);
            return await LogInCommand.KeepAsync(invocation, client.Account, cancellationToken);
        });
        return command;
    }
}
