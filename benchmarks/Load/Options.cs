using System.Globalization;
using Im.Load.Servers;

namespace Im.Load;

/// <summary>What the command line says; where it says nothing, a scenario has its own default.</summary>
internal sealed record Options
{
    internal IReadOnlyList<SystemSpec>? Systems { get; private set; }

    internal IReadOnlyList<Mode>? Modes { get; private set; }

    internal int Rounds { get; private set; } = 3;

    internal int? Seconds { get; private set; }

    internal TimeSpan WarmUp { get; private set; } = TimeSpan.FromSeconds(12);

    internal int? Pairs { get; private set; }

    internal int Payload { get; private set; } = 128;

    internal int? Rate { get; private set; }

    internal int Credit { get; private set; } = 16;

    internal int? Sockets { get; private set; }

    internal string? Node { get; private set; }

    internal bool Verbose { get; private set; }

    /// <summary>Further environment of the service's nodes.</summary>
    internal Dictionary<string, string> Environment { get; } = [];

    internal static Options Parse(IEnumerable<string> arguments)
    {
        var options = new Options();
        using var words = arguments.GetEnumerator();
        while (words.MoveNext())
        {
            var name = words.Current;
            if (name == "--verbose")
            {
                options.Verbose = true;
                continue;
            }

            options.Set(name, words.MoveNext() ? words.Current : throw new LoadException($"{name} needs a value."));
        }

        return options;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--systems":
                Systems = [.. value.Split(',').Select(SystemSpec.Parse)];
                break;
            case "--modes":
                Modes = [.. value.Split(',').Select(ModeOf)];
                break;
            case "--rounds":
                Rounds = Number(name, value, 1);
                break;
            case "--seconds":
                Seconds = Number(name, value, 1);
                break;
            case "--warm-up":
                WarmUp = TimeSpan.FromSeconds(Number(name, value, 0));
                break;
            case "--pairs":
                Pairs = Number(name, value, 1);
                break;
            case "--payload":
                Payload = Number(name, value, Clients.Pair.LeastPayload);
                break;
            case "--rate":
                Rate = Number(name, value, 1);
                break;
            case "--credit":
                Credit = Number(name, value, 1);
                break;
            case "--sockets":
                Sockets = Number(name, value, 2);
                break;
            case "--node":
                Node = value;
                break;
            case "--env" when value.Split('=', 2) is [var variable, var setting]:
                Environment[variable] = setting;
                break;
            default:
                throw new LoadException($"{name} {value} is not understood.");
        }
    }

    private static Mode ModeOf(string text) => text switch
    {
        "plain" => Mode.Plain,
        "v1" or "im.v1" => Mode.V1,
        _ => throw new LoadException($"There is no mode {text}; there are plain and v1."),
    };

    private static int Number(string name, string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new LoadException($"{name} takes a whole number from {least} on.");
}
