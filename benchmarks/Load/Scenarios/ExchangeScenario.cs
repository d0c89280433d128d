using System.Globalization;
using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Servers;

namespace Im.Load.Scenarios;

/// <summary>Key exchanges per second: two REST calls each, of a pair that never met before.</summary>
internal sealed class ExchangeScenario : Scenario
{
    internal override string Name => "exchange";

    internal override IReadOnlyList<string> Systems { get; } = ["im-garnet", "im-redis-1", "im-redis-2", "im-cluster"];

    // REST knows no modes.
    internal override IReadOnlyList<Mode> Modes { get; } = [Mode.None];

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Lanes(options)} pairs at a time, `POST /im/get_imKey` of the one side and then of the other, over kept-alive connections, {Seconds(options)} s; exchanges that both sides completed.");

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var number = 0;
        var isOver = false;
        var lanes = Lanes(trial.Options);
        var nobody = new Conversations(trial.Loop, trial.Deployment, trial.Mode, 0, trial.Options.Payload);
        var exchange = new Exchange(trial.Loop, trial.Deployment.PortOf(0), trial.Deployment.PortOf(1), lanes, () => isOver ? null : new Pair(number++, nobody));
        Run(trial.Options.WarmUp);
        var window = Window.Over(trial.Deployment, () => exchange.Completed, () => Run(TimeSpan.FromSeconds(Seconds(trial.Options))));
        isOver = true;
        trial.Loop.Until(() => exchange.Completed == number, TimeSpan.FromSeconds(10), () => $"{number - exchange.Completed} key exchanges were never answered.");
        return [new("exchanges/s", window.PerSecond), .. window.Costs("exchange")];

        void Run(TimeSpan duration)
        {
            var end = Wire.Loop.After(duration);
            while (Wire.Loop.Now < end)
            {
                trial.Loop.Turn(end);
            }
        }
    }

    private static int Lanes(Options options) => options.Pairs ?? 32;

    private static int Seconds(Options options) => options.Seconds ?? 5;
}
