using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;

namespace Im.Cli.Pipes;

/// <summary><c>im send</c>: every line of the input is a message.</summary>
internal static class SendCommand
{
    public static Command Build(CommonOptions options, Running run)
    {
        var command = new Command("send", "Send each line of the input as a message; done when the peer has acknowledged all. What the peer says meanwhile is printed.")
        {
            options.Peer, options.Token, options.ServerKey, options.Wait,
        };
        run(command, RunAsync);
        return command;
    }

    /// <summary>Sends the input.</summary>
    internal static Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellationToken) => PipedTalk.RunAsync(
        invocation, (talk, ending) => talk.SendAsync(InputLines.ReadAsync(Console.OpenStandardInput(), ending), ending), cancellationToken);
}
