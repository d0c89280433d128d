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
        $"The same {Rate(options)} messages/s over more and more pairs, then {options.Credit} in flight per pair; {options.Payload} bytes of data, {Seconds(options)} s each.");

    internal override (string Name, IReadOnlyList<int> Values) Sizes(Options options) =>
        ("pairs", [.. (options.Pairs is { } pairs ? [pairs] : s_pairs).Select(Descriptors.PairsWithin)]);

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var conversations = trial.Connect(trial.Size);
        var atRate = AtRate(trial, conversations);
        var atCredit = AtCredit(trial, conversations);
        return
        [
            new("rate: nodes µs/msg", atRate.NodeMicroseconds, 1),
            new("rate: store µs/msg", atRate.StoreMicroseconds, 1),
            new("in flight: delivered/s", atCredit.PerSecond),
            new("in flight: nodes µs/msg", atCredit.NodeMicroseconds, 1),
            new("in flight: store µs/msg", atCredit.StoreMicroseconds, 1),
        ];
    }

    private static Window AtRate(Trial trial, Conversations conversations)
    {
        var traffic = new OpenLoop(trial.Loop, conversations, Rate(trial.Options));
        traffic.Run(trial.Options.WarmUp);
        var window = Window.Over(trial.Deployment, conversations, () => traffic.Run(TimeSpan.FromSeconds(Seconds(trial.Options))));
        conversations.Settle();
        return window;
    }

    private static Window AtCredit(Trial trial, Conversations conversations)
    {
        var traffic = new Credit(trial.Loop, conversations, trial.Options.Credit);
        traffic.Run(trial.Options.WarmUp);
        var window = Window.Over(trial.Deployment, conversations, () => traffic.Run(TimeSpan.FromSeconds(Seconds(trial.Options))));
        conversations.Settle();
        return window;
    }

    private static int Rate(Options options) => options.Rate ?? 5000;

    private static int Seconds(Options options) => options.Seconds ?? 5;
}
