using System.Diagnostics;
using System.Globalization;
using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Servers;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>How long it takes until everyone is back, when all lose their connection at once.</summary>
internal sealed class StormScenario : Scenario
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    internal override string Name => "storm";

    internal override IReadOnlyList<string> Systems { get; } = ["im-garnet", "im-redis-1", "im-redis-2", "signalr"];

    internal override IReadOnlyList<Mode> Modes { get; } = [Mode.V1];

    internal override string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Sockets(options)} connected clients are reset and reconnect in the same instant; who is refused comes again after 50 to 150 ms.");

    internal override IEnumerable<Figure> Measure(Trial trial)
    {
        var conversations = trial.Connect(Sockets(trial.Options) / 2);
        new OpenLoop(trial.Loop, conversations, 500).Run(trial.Options.WarmUp);
        conversations.Settle();

        var times = new Histogram();
        var refusals = new Dictionary<string, int>();
        var random = new Random(1);
        var again = new PriorityQueue<IClient, long>();
        var clients = conversations.All.ToArray();
        var start = Stopwatch.GetTimestamp();
        conversations.OnReady = _ => times.Record((long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        conversations.OnRefused = (client, why) =>
        {
            refusals[why] = refusals.GetValueOrDefault(why) + 1;
            again.Enqueue(client, Loop.After(TimeSpan.FromMilliseconds(random.Next(50, 150))));
        };
        var window = Window.Over(trial.Deployment, () => times.Count, () =>
        {
            conversations.Drop();
            Array.ForEach(clients, client => client.Open());
            trial.Loop.Until(
                () =>
                {
                    while (again.TryPeek(out var client, out var due) && due <= Loop.Now)
                    {
                        again.Dequeue();
                        client.Open();
                    }

                    return conversations.Ready == clients.Length;
                },
                s_patience,
                () => $"After a minute {clients.Length - conversations.Ready} of {clients.Length} clients were not back.");
        });
        foreach (var (why, count) in refusals)
        {
            Console.Error.WriteLine($"Refused {count} times: {why}.");
        }

        return
        [
            new("all ready (worst) s", times.Percentile(1) / 1e9, 2),
            new("p50 s", times.Percentile(0.5) / 1e9, 2),
            new("p99 s", times.Percentile(0.99) / 1e9, 2),
            new("refusals", refusals.Values.Sum()),
            .. window.Costs("client"),
        ];
    }

    private static int Sockets(Options options) => 2 * Descriptors.PairsWithin((options.Sockets ?? 5000) / 2);
}
