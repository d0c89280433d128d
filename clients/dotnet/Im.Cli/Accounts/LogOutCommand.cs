using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;

namespace Im.Cli.Accounts;

/// <summary><c>im logout</c>: deletes the stored token. The token itself stays good until it expires: ending it at the server would end all others of the user, too.</summary>
internal static class LogOutCommand
{
    public static Command Build(Running run)
    {
        var command = new Command("logout", "Delete the stored token of this server.");
        run(command, (invocation, _) =>
        {
            var existed = invocation.Tokens.Delete(invocation.Server);
            invocation.Reporter.Tell(new DoneReport("logged_out", existed ? "The stored token is deleted." : "There was no stored token."));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
