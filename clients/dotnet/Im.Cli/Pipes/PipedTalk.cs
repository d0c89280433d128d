using Im.Cli.CommandLine;
using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Pipes;

/// <summary>What sending and receiving in pipes have in common: meet, talk, leave, say how it went.</summary>
internal static class PipedTalk
{
    public static async Task<ExitCode> RunAsync(Invocation invocation, Func<LineTalk, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        await using var client = await invocation.ClientForPeerAsync(cancellationToken);
        await using var conversation = await invocation.Meeting.MeetAsync(client, invocation.Reporter, Invocation.ErrorTerminal, cancellationToken);
        invocation.Reporter.Tell(conversation.SafetyNumber is { } number ? new SafetyNumberReport(number) : new ServerKeyReport(conversation.IsKeyShort));
        var talk = new LineTalk(conversation, invocation.Reporter, new Watch(invocation.Peer, invocation.Patience, TimeProvider.System));
        try
        {
            await action(talk, cancellationToken);
            return talk.IsTampered ? ExitCode.Tampered : ExitCode.Ok;
        }
        catch (Exception e) when (talk.IsTampered && (e is ImException or ToolException))
        {
            // Of two things that went wrong, the worse one.
            invocation.Reporter.Tell(Failure.Of(e) with { ExitCode = ExitCode.Tampered });
            return ExitCode.Tampered;
        }
    }
}
