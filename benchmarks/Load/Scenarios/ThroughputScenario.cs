using System.Globalization;
using Im.Load.Measure;

namespace Im.Load.Scenarios;

/// <summary>How many messages a second, and what each costs, when there is always another one to send.</summary>
internal sealed class ThroughputScenario : Scenario
{
    internal override string Name => "throughput";

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Pairs(options)} pairs, each with {options.Credit} messages in flight in one direction, {options.Payload} bytes of data, {Seconds(options)} s; what arrived in that time.");

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var conversations = trial.Connect(Pairs(trial.Options));
        var traffic = new Credit(trial.Loop, conversations, trial.Options.Credit);
        traffic.Run(trial.Options.WarmUp);
        var window = Window.Over(trial.Deployment, conversations, () => traffic.Run(TimeSpan.FromSeconds(Seconds(trial.Options))));
        conversations.Settle();
        return [new("delivered/s", window.PerSecond), .. window.Costs("msg")];
    }

    private static int Pairs(Options options) => options.Pairs ?? 50;

    private static int Seconds(Options options) => options.Seconds ?? 5;
}
