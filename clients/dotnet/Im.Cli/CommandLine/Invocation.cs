using System.CommandLine;
using Im.Cli.Output;
using Im.Cli.Tokens;
using Im.Client;
using Spectre.Console;

namespace Im.Cli.CommandLine;

/// <summary>What every command works with in one run.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="options">The options that several commands share.</param>
/// <param name="tokens">The tokens of earlier logins.</param>
/// <param name="reporter">Where everything is told.</param>
internal sealed class Invocation(ParseResult parsed, CommonOptions options, TokenStore tokens, Reporter reporter)
{
    public ParseResult Parsed => parsed;

    public TokenStore Tokens => tokens;

    public Reporter Reporter => reporter;

    public Uri Server => parsed.GetRequiredValue(options.Server)!;

    public ImClientOptions ClientOptions => new() { Server = Server };

    public long Peer => parsed.GetRequiredValue(options.Peer);

    /// <summary>The exchange of keys as it was asked for.</summary>
    public Talk.Meeting Meeting => new(Peer, parsed.GetValue(options.ServerKey) ? KeyMode.ServerKey : KeyMode.PublicKeys, Patience);

    public TimeSpan Patience => TimeSpan.FromSeconds(parsed.GetRequiredValue(options.Wait));

    /// <summary>The terminal on the error stream, for what is not the command's output; null where there is none.</summary>
    /// <remarks>Left to itself the library takes it for none as soon as the output goes somewhere else, and asks nothing.</remarks>
    public static IAnsiConsole? ErrorTerminal => Console.IsErrorRedirected ? null
        : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), Interactive = InteractionSupport.Yes });

    /// <summary>Whether the token is that of an earlier login. Then a login meanwhile gives this run a fresh one.</summary>
    public bool IsLoggedIn => parsed.GetValue(options.Token) is null;

    /// <summary>A client of whoever the token is of: the one of the command line, of IM_TOKEN, or the stored one.</summary>
    /// <exception cref="ToolException">There is no token, or it is none.</exception>
    public async Task<ImClient> ClientAsync(CancellationToken cancellationToken)
    {
        var token = parsed.GetValue(options.Token) ?? await StoredTokenAsync(cancellationToken);
        try
        {
            return new ImClient(new ImClientOptions { Server = Server, RefreshToken = IsLoggedIn ? StoredTokenAsync : null }, Account.FromToken(token));
        }
        catch (FormatException)
        {
            throw new ToolException("unauthenticated", ExitCode.Unauthenticated, "The token is not a JWT with the claims id and exp: run `im login`, or mend IM_TOKEN or --token.");
        }
    }

    /// <summary>As <see cref="ClientAsync"/>, for a command that talks to the peer.</summary>
    public async Task<ImClient> ClientForPeerAsync(CancellationToken cancellationToken)
    {
        var client = await ClientAsync(cancellationToken);
        if (client.UserId != Peer)
        {
            return client;
        }

        await client.DisposeAsync();
        throw new ToolException("invalid_input", ExitCode.Usage, $"User {Peer} is yourself: give the other user's number.");
    }

    private async Task<string> StoredTokenAsync(CancellationToken cancellationToken) =>
        (await tokens.FindAsync(Server, cancellationToken))?.Token
            ?? throw new ToolException("unauthenticated", ExitCode.Unauthenticated, $"You are not logged in at {Server}: run `im login`, or set IM_TOKEN.");
}
