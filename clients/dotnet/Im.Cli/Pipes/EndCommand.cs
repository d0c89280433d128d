using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;

namespace Im.Cli.Pipes;

/// <summary><c>im end</c>: ends whatever there is with a peer, for both sides.</summary>
internal static class EndCommand
{
    public static Command Build(CommonOptions options, Running run)
    {
        var command = new Command("end", "End the conversation with a user, for both sides.") { options.Peer, options.Token };
        run(command, async (invocation, cancellationToken) =>
        {
            await using var client = await invocation.ClientForPeerAsync(cancellationToken);
            await client.EndAsync(invocation.Peer, cancellationToken);
            invocation.Reporter.Tell(new DoneReport("ended", $"There is no conversation with user {invocation.Peer} any more."));
            return ExitCode.Ok;
        });
        return command;
    }
}
