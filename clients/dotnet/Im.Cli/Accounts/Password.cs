using System.CommandLine;
using System.Text;
using Im.Cli.CommandLine;
using Im.Cli.Output;
using Spectre.Console;

namespace Im.Cli.Accounts;

/// <summary>Where a password comes from: typed unseen, or a line of the input. Never from the command line, which others see.</summary>
internal static class Password
{
    /// <summary>Bytes at most; the server takes 256 characters.</summary>
    private const int MaxBytes = 4096;

    public static Option<bool> StandardInput() => new("--password-stdin") { Description = "Read the password from the first line of the input." };

    /// <summary>Asks for it.</summary>
    /// <param name="fromInput">Whether <c>--password-stdin</c> was given.</param>
    /// <param name="twice">Whether it is a new one, which a slip would make useless.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<string> ReadAsync(bool fromInput, bool twice, CancellationToken cancellationToken)
    {
        if (fromInput)
        {
            return await ReadLineAsync(Console.OpenStandardInput(), cancellationToken);
        }

        var console = Console.IsInputRedirected ? null : Invocation.ErrorTerminal;
        if (console is null)
        {
            throw new ToolException("usage", ExitCode.Usage, "There is no terminal to ask for the password: give it on the input with --password-stdin.");
        }

        // The runtime turns the terminal's echo off when it first looks at the keys. That has to be before the question stands
        // there: who answers at once, or pastes, would be seen.
        _ = Console.KeyAvailable;
        var password = await AskAsync(console, "Password:", cancellationToken);
        return !twice || password == await AskAsync(console, "Again:", cancellationToken)
            ? password
            : throw new ToolException("usage", ExitCode.Usage, "The two passwords differ: try again.");
    }

    /// <summary>The first line, without what ends it.</summary>
    internal static async Task<string> ReadLineAsync(Stream input, CancellationToken cancellationToken)
    {
        var line = new byte[MaxBytes];
        var filled = 0;
        while (filled < line.Length && line.AsSpan(0, filled).IndexOf((byte)'\n') < 0)
        {
            var read = await input.ReadAsync(line.AsMemory(filled), CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        var password = Encoding.UTF8.GetString(line, 0, filled).Split('\n')[0].TrimEnd('\r');
        return password.Length > 0 ? password : throw new ToolException("usage", ExitCode.Usage, "The input holds no password: its first line is empty.");
    }

    private static Task<string> AskAsync(IAnsiConsole console, string question, CancellationToken cancellationToken) =>
        new TextPrompt<string>(question).Secret(null).ShowAsync(console, cancellationToken);
}
