using System.Globalization;
using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Servers;

namespace Im.Load.Scenarios;

/// <summary>Whether a message costs more when more pairs are connected.</summary>
internal sealed class FanScenario : Scenario
{
    private static readonly int[] s_pairs = [10, 100, 1000, 10_000];

    internal override string Name => "fan";

    internal override IReadOnlyList<string> Systems { get; } = ["im-redis-1", "im-redis-2", "signalr", "bare"];

    internal override IReadOnlyList<Mode> Modes { get; } = [Mode.V1];

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"The same {Rate(options)} messages/s over more and more pairs, and {options.Credit} in flight per pair, 800 in all; {options.Payload} bytes of data, {Seconds(options)} s each.");

    internal override (string Name, IReadOnlyList<int> Values) Sizes(Options options) =>
        ("pairs", [.. (options.Pairs is { } pairs ? [pairs] : s_pairs).Select(Descriptors.PairsWithin)]);

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var conversations = trial.Connect(trial.Size);
        var credit = new Credit(trial.Loop, conversations, trial.Options.Credit);
        credit.Run(trial.Options.WarmUp);
        var inFlight = Over(trial, conversations, credit.Run);
        var openLoop = new OpenLoop(trial.Loop, conversations, Rate(trial.Options));
        openLoop.Run(OpenLoop.Start);
        var atRate = Over(trial, conversations, openLoop.Run);
        return
        [
            new("rate: nodes µs/msg", atRate.NodeMicroseconds, 1),
            new("rate: store µs/msg", atRate.StoreMicroseconds, 1),
            new("in flight: delivered/s", inFlight.PerSecond),
            new("in flight: nodes µs/msg", inFlight.NodeMicroseconds, 1),
            new("in flight: store µs/msg", inFlight.StoreMicroseconds, 1),
            inFlight.Others,
        ];
    }

    private static Window Over(Trial trial, Conversations conversations, Action<TimeSpan> run)
    {
        var window = Window.Over(trial.Deployment, conversations, () => run(TimeSpan.FromSeconds(Seconds(trial.Options))));
        conversations.Settle();
        return window;
    }

    private static int Rate(Options options) => options.Rate ?? 5000;

    private static int Seconds(Options options) => options.Seconds ?? 5;
}
