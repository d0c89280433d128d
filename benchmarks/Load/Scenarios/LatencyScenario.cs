using System.Globalization;
using Im.Load.Measure;

namespace Im.Load.Scenarios;

/// <summary>How long a message takes at a rate that every system bears.</summary>
internal sealed class LatencyScenario : Scenario
{
    private static readonly (string Name, double Share)[] s_shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)];

    internal override string Name => "latency";

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"Open loop, {Rate(options)} messages/s over {Pairs(options)} pairs, {options.Payload} bytes of data, {Seconds(options)} s; from the moment a message was due until the receiver's client has it.");

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var histogram = new Histogram();
        var conversations = trial.Connect(Pairs(trial.Options));

        // As fast as it goes: at the measured rate, much of the code would still be compiled while it is measured.
        new Credit(trial.Loop, conversations, trial.Options.Credit).Run(trial.Options.WarmUp);
        conversations.Settle();
        var traffic = new OpenLoop(trial.Loop, conversations, Rate(trial.Options), histogram);
        traffic.Run(OpenLoop.Start);
        var window = Window.Over(trial.Deployment, conversations, () => traffic.Measure(TimeSpan.FromSeconds(Seconds(trial.Options))));
        conversations.Settle();
        return
        [
            .. s_shares.Select(share => new Figure($"{share.Name} ms", histogram.Percentile(share.Share) / 1e6, 2)),
            new("messages", histogram.Count),
            .. window.Shares(),
        ];
    }

    private static int Rate(Options options) => options.Rate ?? 500;

    private static int Pairs(Options options) => options.Pairs ?? 50;

    private static int Seconds(Options options) => options.Seconds ?? 10;
}
