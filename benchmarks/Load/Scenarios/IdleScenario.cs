using System.Globalization;
using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Servers;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>What sockets cost on which nothing is said.</summary>
internal sealed class IdleScenario : Scenario
{
    // The first sockets cost what all share: code, pools, the first regions of the heap.
    private const int WarmUpPairs = 100;

    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);

    internal override string Name => "idle";

    internal override IReadOnlyList<string> Systems { get; } = ["im-garnet", "im-redis-1", "signalr", "bare", "mosquitto"];

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Sockets(options)} connected and silent clients, {Seconds(options)} s; over a baseline after {WarmUpPairs} pairs have talked (nodes: and after all keys are exchanged). Kernel memory counts both ends of a connection.");

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        WarmUp(trial);
        var pairs = Sockets(trial.Options) / 2;
        var conversations = new Conversations(trial.Loop, trial.Deployment, trial.Mode, pairs, trial.Options.Payload);
        Rest(trial.Loop, s_settling);
        var store = Memory(trial.Deployment.Stores);
        conversations.ExchangeKeys();
        Rest(trial.Loop, s_settling);
        var nodes = Memory(trial.Deployment.Nodes);
        var (slab, buffers) = (ProcessFigures.Slab(), ProcessFigures.TcpBuffers());
        conversations.Connect();
        Rest(trial.Loop, s_settling);
        var (nodesNow, storeNow) = (Memory(trial.Deployment.Nodes), Memory(trial.Deployment.Stores));
        var (slabNow, buffersNow) = (ProcessFigures.Slab(), ProcessFigures.TcpBuffers());
        var window = Window.Over(trial.Deployment, conversations, () => Rest(trial.Loop, TimeSpan.FromSeconds(Seconds(trial.Options))));
        return
        [
            new("nodes PSS KiB/socket", PerSocket(nodesNow.Pss - nodes.Pss), 1),
            new("nodes RSS KiB/socket", PerSocket(nodesNow.Rss - nodes.Rss), 1),
            new("store PSS KiB/socket", PerSocket(storeNow.Pss - store.Pss), 1),
            new("kernel slab KiB/socket", PerSocket(slabNow - slab), 1),
            new("TCP buffers KiB/socket", PerSocket(buffersNow - buffers), 1),
            new("nodes CPU %", window.Percent(Window.Sum(window.Nodes)), 1),
            new("store CPU %", window.Percent(Window.Sum(window.Stores)), 1),
            window.Others,
        ];

        double PerSocket(long kibibytes) => (double)kibibytes / (2 * pairs);
    }

    private static void WarmUp(Trial trial)
    {
        // Users of their own, beyond those that are measured.
        var conversations = trial.Connect(WarmUpPairs, firstPair: Sockets(trial.Options));
        new OpenLoop(trial.Loop, conversations, 500).Run(trial.Options.WarmUp);
        conversations.Settle();
        conversations.Drop();
    }

    private static (long Pss, long Rss) Memory(IEnumerable<Server> servers) => servers
        .Select(server => ProcessFigures.Memory(server.Process.Id))
        .Aggregate((Pss: 0L, Rss: 0L), (sum, one) => (sum.Pss + one.Pss, sum.Rss + one.Rss));

    private static void Rest(Loop loop, TimeSpan duration)
    {
        var end = Loop.After(duration);
        while (Loop.Now < end)
        {
            loop.Turn(Math.Min(end, Loop.After(TimeSpan.FromMilliseconds(200))));
        }
    }

    private static int Sockets(Options options) => 2 * Descriptors.PairsWithin((options.Sockets ?? 10_000) / 2);

    private static int Seconds(Options options) => options.Seconds ?? 30;
}
