using System.Globalization;
using Im.Load.Measure;
using Im.Load.Report;
using Im.Load.Servers;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>Runs a scenario on every system, interleaved: A B C A B C, so that a slow minute of the machine hits all.</summary>
internal sealed class Runner(Options options, Published published)
{
    private readonly List<string> _failures = [];

    /// <summary>Runs it and prints its table, and below it which trials failed and why. They are not in the medians.</summary>
    /// <returns>Whether none failed.</returns>
    internal bool Run(Scenario scenario)
    {
        var systems = (options.Systems ?? [.. scenario.Systems.Select(SystemSpec.Parse)]).ToArray();
        foreach (var missing in systems.Where(system => !system.IsInstalled))
        {
            Console.Error.WriteLine($"{missing.Name} is left out: it is not installed.");
        }

        published.Prepare(systems);
        var sizes = scenario.Sizes(options);
        var cases = (
            from size in sizes.Values
            from system in systems
            where system.IsInstalled
            from mode in system.ModesOf(scenario.Modes is [Mode.None] ? scenario.Modes : options.Modes ?? scenario.Modes)
            select new Case(system, mode, size)).ToArray();
        var trials = cases.ToDictionary(one => one, _ => new List<IReadOnlyList<Figure>>());
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var one in cases)
            {
                Try(scenario, one, round, trials[one]);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"### {scenario.Name}");
        Console.WriteLine();
        Console.WriteLine(scenario.Describe(options));
        Console.WriteLine();
        Table.Print(sizes.Name, trials.Where(one => one.Value.Count > 0));
        foreach (var failure in _failures)
        {
            Console.WriteLine();
            Console.WriteLine($"**Failed:** {failure}");
        }

        return _failures.Count == 0;
    }

    private void Try(Scenario scenario, Case one, int round, List<IReadOnlyList<Figure>> trials)
    {
        try
        {
            using var deployment = Deployment.Start(one.System, published, options.Environment);
            if (options.Verbose)
            {
                Console.Error.WriteLine($"{one}: {string.Join(", ", deployment.Nodes.Concat(deployment.Stores).Select(server => $"{server.Name} is process {server.Process.Id}"))}");
            }

            using var loop = new Loop();
            var figures = scenario.Measure(new Trial(options, deployment, one.Mode, one.Size, loop)).ToArray();
            Console.Error.WriteLine($"{scenario.Name} {round}/{options.Rounds} {one}: {string.Join(", ", figures.Select(figure => $"{figure.Column} {figure.Value.ToString($"F{figure.Decimals}", CultureInfo.InvariantCulture)}"))}");
            trials.Add(figures);
        }
        // IOException: a process is gone whose figures were to be read.
        catch (Exception failure) when (failure is LoadException or IOException)
        {
            _failures.Add($"{one}, round {round}: {failure.Message}");
            Console.Error.WriteLine($"{scenario.Name} {round}/{options.Rounds} {one} failed: {failure.Message}");
        }
    }
}

/// <summary>What gets a row of its own.</summary>
/// <param name="System">The system.</param>
/// <param name="Mode">What clients speak.</param>
/// <param name="Size">One of the scenario's sizes; 0 where it has only one.</param>
internal sealed record Case(SystemSpec System, Mode Mode, int Size)
{
    /// <summary>The mode as the protocol writes it.</summary>
    internal string ModeName => Mode switch { Mode.V1 => "im.v1", Mode.Plain => "plain", _ => "" };

    public override string ToString() => string.Join(' ', new[] { System.Name, ModeName, Size == 0 ? "" : $"{Size} pairs" }.Where(word => word.Length > 0));
}
