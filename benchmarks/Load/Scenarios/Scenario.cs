using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Servers;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>One question that is put to every system.</summary>
internal abstract class Scenario
{
    /// <summary>All there are, in the order in which they run.</summary>
    internal static IReadOnlyList<Scenario> All { get; } = [new LatencyScenario(), new ThroughputScenario(), new IdleScenario(), new ExchangeScenario(), new StormScenario(), new FanScenario()];

    /// <summary>As on the command line.</summary>
    internal abstract string Name { get; }

    /// <summary>The systems that are asked where the command line names none.</summary>
    internal virtual IReadOnlyList<string> Systems { get; } = [.. SystemSpec.Names];

    internal virtual IReadOnlyList<Mode> Modes { get; } = [Mode.Plain, Mode.V1];

    /// <summary>What was done, in one line above the table.</summary>
    internal abstract string Describe(Options options);

    /// <summary>The sizes in which each system is asked, and what they count; usually one.</summary>
    internal virtual (string Name, IReadOnlyList<int> Values) Sizes(Options options) => ("", [0]);

    internal abstract IEnumerable<Figure> Measure(Trial trial);
}

/// <summary>One measurement: one system, freshly started, in one mode and size.</summary>
/// <param name="Options">What the command line says.</param>
/// <param name="Deployment">The system.</param>
/// <param name="Mode">What clients speak.</param>
/// <param name="Size">One of the scenario's sizes.</param>
/// <param name="Loop">The load's loop.</param>
internal sealed record Trial(Options Options, Deployment Deployment, Mode Mode, int Size, Loop Loop)
{
    /// <summary>So many pairs that are connected and ready.</summary>
    internal Conversations Connect(int pairs, int firstPair = 0)
    {
        var conversations = new Conversations(Loop, Deployment, Mode, pairs, Options.Payload, firstPair);
        conversations.ExchangeKeys();
        conversations.Connect();
        return conversations;
    }
}
