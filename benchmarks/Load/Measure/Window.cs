using System.Diagnostics;
using Im.Load.Clients;
using Im.Load.Servers;

namespace Im.Load.Measure;

/// <summary>What happened between two moments, and what it cost each process.</summary>
/// <param name="Took">How long that was.</param>
/// <param name="Count">What was counted: messages that arrived, or exchanges.</param>
/// <param name="Nodes">CPU time of each node.</param>
/// <param name="Stores">CPU time of each server of the store.</param>
/// <param name="Load">CPU time of the load itself.</param>
/// <param name="Machine">CPU time of everything on the machine.</param>
internal sealed record Window(TimeSpan Took, long Count, TimeSpan[] Nodes, TimeSpan[] Stores, TimeSpan Load, TimeSpan Machine)
{
    /// <summary>What everyone else used meanwhile, in percent of one core: where this is much, the other figures are worth little.</summary>
    internal Figure Others => new("others CPU %", Math.Max(0, Percent(Machine - Load - Sum(Nodes) - Sum(Stores))));

    internal double PerSecond => Count / Took.TotalSeconds;

    internal double NodeMicroseconds => PerCount(Sum(Nodes));

    internal double StoreMicroseconds => PerCount(Sum(Stores));

    internal double LoadMicroseconds => PerCount(Load);

    /// <summary>Measures while something runs.</summary>
    internal static Window Over(Deployment deployment, Func<long> count, Action run)
    {
        var (nodes, stores, load) = (Deployment.CpuOf(deployment.Nodes), Deployment.CpuOf(deployment.Stores), ProcessFigures.Cpu(Environment.ProcessId));
        var machine = ProcessFigures.MachineCpu();
        var counted = count();
        var watch = Stopwatch.StartNew();
        run();
        return new Window(
            watch.Elapsed,
            count() - counted,
            [.. Deployment.CpuOf(deployment.Nodes).Zip(nodes, (now, then) => now - then)],
            [.. Deployment.CpuOf(deployment.Stores).Zip(stores, (now, then) => now - then)],
            ProcessFigures.Cpu(Environment.ProcessId) - load,
            ProcessFigures.MachineCpu() - machine);
    }

    /// <summary>Messages that arrive while traffic runs.</summary>
    internal static Window Over(Deployment deployment, Conversations conversations, Action run) => Over(deployment, () => conversations.Delivered, run);

    /// <summary>What a count costs, each kind of process for itself.</summary>
    /// <param name="of">What is counted, as in "CPU µs/msg".</param>
    internal IEnumerable<Figure> Costs(string of) =>
    [
        new($"nodes CPU µs/{of}", NodeMicroseconds, 1),
        new($"store CPU µs/{of}", StoreMicroseconds, 1),
        new($"load CPU µs/{of}", LoadMicroseconds, 1),
        Others,
    ];

    /// <summary>Percent of one core, for each node and for the whole store.</summary>
    internal IEnumerable<Figure> Shares()
    {
        var figures = Nodes.Select((node, i) => new Figure($"node {i + 1} CPU %", Percent(node), 1));
        return [.. figures, new Figure("store CPU %", Percent(Sum(Stores)), 1), Others];
    }

    /// <summary>Percent of one core.</summary>
    internal double Percent(TimeSpan cpu) => 100 * cpu / Took;

    /// <summary>The CPU time of several processes together.</summary>
    internal static TimeSpan Sum(TimeSpan[] times) => times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);

    private double PerCount(TimeSpan cpu) => Count == 0 ? 0 : cpu.TotalMicroseconds / Count;
}
