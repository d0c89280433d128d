using System.CommandLine;
using Im.Cli.CommandLine;

namespace Im.Cli.Pipes;

/// <summary><c>im receive</c>: every message is a line of the output.</summary>
internal static class ReceiveCommand
{
    public static Command Build(CommonOptions options, Running run)
    {
        var count = new Option<int?>("--count") { Description = "End after so many messages.", HelpName = "N" };
        count.Validators.Add(result => CommonOptions.RequireRange(result, "--count", 1, int.MaxValue));
        var command = new Command("receive", "Print each message as a line.") { options.Peer, count, options.Token, options.ServerKey, options.Wait };
        run(command, (invocation, cancellationToken) => PipedTalk.RunAsync(
            invocation, (talk, ending) => talk.ReceiveAsync(invocation.Parsed.GetValue(count), ending), cancellationToken));
        return command;
    }
}
