using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Im.Cli.CommandLine;

/// <summary>The options and arguments that several commands take.</summary>
internal sealed class CommonOptions
{
    private const long MaxUser = 9_007_199_254_740_991;
    private const int MaxWait = 86_400;
    private const int DefaultWait = 300;

    /// <param name="environment">The value of an environment variable, or null.</param>
    public CommonOptions(Func<string, string?> environment)
    {
        Server = new("--server")
        {
            Description = "Base address of the server; else that of IM_SERVER.",
            HelpName = "URL",
            Recursive = true,
            CustomParser = result => ServerIn(result, result.Tokens[0].Value, "--server"),
            DefaultValueFactory = result => ServerIn(result, Given(environment, "IM_SERVER") ?? ServerAddress.Default, "IM_SERVER"),
        };
        Json = new("--json") { Description = "One JSON object a line on the output.", Recursive = true };
        Token = new("--token")
        {
            Description = "Token to use instead of the stored one. IM_TOKEN is better: others see a command line.",
            HelpName = "JWT",
            DefaultValueFactory = _ => Given(environment, "IM_TOKEN"),
        };
        ServerKey = new("--server-key") { Description = "Let the server make the key. The server could then read along. Both sides must ask for it." };
        Wait = new("--wait")
        {
            Description = $"Patience for the peer and for a server that is away: 1 to {MaxWait} seconds.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => DefaultWait,
        };
        Wait.Validators.Add(result => RequireRange(result, "--wait", 1, MaxWait));
        Peer = new("user id") { Description = "The other user's number.", CustomParser = PeerIn };
    }

    public Option<Uri?> Server { get; }

    public Option<bool> Json { get; }

    public Option<string?> Token { get; }

    public Option<bool> ServerKey { get; }

    public Option<int> Wait { get; }

    public Argument<long> Peer { get; }

    /// <summary>Refuses an integer outside of these bounds; what is no integer has been refused already.</summary>
    public static void RequireRange(OptionResult result, string name, int min, int max)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && (value < min || value > max))
        {
            result.AddError($"{name} is {min} to {max}.");
        }
    }

    /// <summary>An empty variable is one that is not set.</summary>
    private static string? Given(Func<string, string?> environment, string name) => environment(name) is { Length: > 0 } value ? value : null;

    private static Uri? ServerIn(ArgumentResult result, string text, string source)
    {
        var server = ServerAddress.Parse(text);
        if (server is null)
        {
            result.AddError($"{source} is an http or https address such as https://im.example.com.");
        }

        return server;
    }

    private static long PeerIn(ArgumentResult result)
    {
        if (long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is >= 1 and <= MaxUser)
        {
            return id;
        }

        result.AddError("A user id is an integer from 1 to 2^53-1; `im login` prints your own.");
        return 0;
    }
}
