using System.CommandLine;
using System.CommandLine.Invocation;
using Im.Cli.Accounts;
using Im.Cli.Chat;
using Im.Cli.Output;
using Im.Cli.Pipes;
using Im.Cli.Tokens;

namespace Im.Cli.CommandLine;

/// <summary>The commands, and what happens around each of them.</summary>
internal sealed class Tool
{
    private readonly CommonOptions _options;
    private readonly TokenStore _tokens;
    private readonly Signals _signals;
    private readonly RootCommand _root;

    /// <param name="environment">The value of an environment variable, or null.</param>
    /// <param name="home">The user's home folder.</param>
    /// <param name="signals">What ends the tool early.</param>
    public Tool(Func<string, string?> environment, string home, Signals signals)
    {
        _options = new CommonOptions(environment);
        _tokens = new TokenStore(TokenStore.FolderFor(environment("XDG_CONFIG_HOME"), home));
        _signals = signals;
        _root = new RootCommand("Talk to one other user of an Im relay, encrypted end to end.")
        {
            _options.Server,
            _options.Json,
            RegisterCommand.Build(Run),
            LogInCommand.Build(Run),
            LogOutCommand.Build(Run),
            ChatCommand.Build(_options, Run),
            SendCommand.Build(_options, Run),
            ReceiveCommand.Build(_options, Run),
            EndCommand.Build(_options, Run),
        };
    }

    /// <summary>Parses only. A word that begins with @ is a word, not a file of more words.</summary>
    public ParseResult Parse(IReadOnlyList<string> words) => _root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>Does what the words say.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> words)
    {
        var parsed = Parse(words);
        if (parsed.Action is ParseErrorAction)
        {
            var sentence = string.Join(" ", parsed.Errors.Select(error => error.Message).Distinct());
            var path = parsed.CommandResult.Command == _root ? "im" : $"im {parsed.CommandResult.Command.Name}";
            ReporterFor(parsed).Tell(new Failure("usage", ExitCode.Usage, $"{sentence} See `{path} --help`."));
            return ExitCode.Usage;
        }

        // Signals and exceptions are the tool's own business.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return (ExitCode)await parsed.InvokeAsync(configuration, _signals.Token);
    }

    private void Run(Command command, Func<Invocation, CancellationToken, Task<ExitCode>> action) =>
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(parsed, action, cancellationToken));

    private async Task<ExitCode> RunAsync(ParseResult parsed, Func<Invocation, CancellationToken, Task<ExitCode>> action, CancellationToken cancellationToken)
    {
        var reporter = ReporterFor(parsed);
        var invocation = new Invocation(parsed, _options, _tokens, reporter);
        try
        {
            if (ServerAddress.IsExposed(invocation.Server))
            {
                await Console.Error.WriteLineAsync($"Warning: {invocation.Server} is plain http, so that others on the way can read your token and password: use https.");
            }

            return await action(invocation, cancellationToken);
        }
        catch (OperationCanceledException) when (_signals.Code is { } code)
        {
            return code;
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e);
            Tell(reporter, failure);
            return failure.ExitCode;
        }
    }

    private static void Tell(Reporter reporter, Failure failure)
    {
        try
        {
            reporter.Tell(failure);
        }
        catch (ToolException closed)
        {
            Console.Error.WriteLine($"im: {failure.Sentence} {closed.Message}");
        }
    }

    private Reporter ReporterFor(ParseResult parsed) =>
        new(StandardOutput.Open(), Console.Error, parsed.GetValue(_options.Json), isTerminal: !Console.IsOutputRedirected);
}

/// <summary>Gives a command its action, with everything that goes around it.</summary>
internal delegate void Running(Command command, Func<Invocation, CancellationToken, Task<ExitCode>> action);
