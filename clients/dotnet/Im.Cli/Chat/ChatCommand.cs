using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;
using Im.Cli.Pipes;
using Im.Client;
using Spectre.Console;

namespace Im.Cli.Chat;

/// <summary><c>im chat</c>: a conversation with a person before the screen; without a terminal, or with <c>--json</c>, one in lines.</summary>
internal static class ChatCommand
{
    public static Command Build(CommonOptions options, Running run)
    {
        var command = new Command("chat", "Talk with a user. Without a terminal, and with --json, as `im send`.")
        {
            options.Peer, options.Token, options.ServerKey, options.Wait,
        };
        run(command, (invocation, cancellationToken) =>
            invocation.Reporter.IsJson || Console.IsInputRedirected || Console.IsOutputRedirected
                ? SendCommand.RunAsync(invocation, cancellationToken)
                : RunAsync(invocation, cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var client = await invocation.ClientForPeerAsync(cancellationToken);
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        var conversation = await invocation.Meeting.MeetAsync(client, invocation.Reporter, terminal, cancellationToken);

        var state = new ChatState(invocation.Peer, TimeProvider.System)
        {
            LoginEnds = invocation.IsLoggedIn ? () => client.Account.ExpiresAt : null,
        };
        var editor = new LineEditor(Conversation.MaxTextBytes);
        var view = new ChatView(state, new Screen(terminal, state, editor), editor);
        await using var session = new ChatSession(client, invocation.Meeting, view);
        return await session.RunAsync(conversation, Keyboard.Listen(), cancellationToken);
    }
}
