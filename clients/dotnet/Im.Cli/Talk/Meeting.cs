using System.Globalization;
using Im.Cli.Output;
using Im.Client;
using Spectre.Console;

namespace Im.Cli.Talk;

/// <summary>The exchange of keys as the user asked for it.</summary>
/// <param name="Peer">The other user.</param>
/// <param name="KeyMode">Where the key comes from.</param>
/// <param name="Patience">How long to wait for the peer.</param>
internal sealed record Meeting(long Peer, KeyMode KeyMode, TimeSpan Patience)
{
    /// <summary>Waits for the peer, with a count-down where a person looks on.</summary>
    /// <param name="client">Whose conversation it becomes.</param>
    /// <param name="reporter">Told the progress where there is no count-down.</param>
    /// <param name="console">The terminal on the error stream; null where there is none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Conversation> MeetAsync(ImClient client, Reporter reporter, IAnsiConsole? console, CancellationToken cancellationToken) =>
        console is null || reporter.IsJson
            ? MeetAsync(client, left => progress => reporter.Tell(new WaitingReport(Peer, left(), progress)), cancellationToken)
            : MeetBeforeAsync(console, client, cancellationToken);

    /// <summary>Waits for the peer.</summary>
    /// <param name="client">Whose conversation it becomes.</param>
    /// <param name="watch">Given what tells how much patience is left, returns what is told of progress.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Conversation> MeetAsync(ImClient client, Func<Func<TimeSpan>, Action<RendezvousProgress>> watch, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        TimeSpan Left() => TimeSpan.FromTicks(Math.Max(0, (Patience - TimeProvider.System.GetElapsedTime(began)).Ticks));
        var options = new RendezvousOptions { KeyMode = KeyMode, Patience = Patience, Progress = new Progress(watch(Left)) };
        return client.RendezvousAsync(Peer, options, cancellationToken);
    }

    /// <summary>What a person reads while waiting.</summary>
    public string Sentence(TimeSpan left, RendezvousProgress? progress)
    {
        var clock = left.ToString(left.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
        return progress is { Step: RendezvousStep.Retrying, Error: { } error }
            ? $"{Trouble(error)}; trying again, {clock} left (Ctrl+C gives up)"
            : $"Waiting for user {Peer}, {clock} left (Ctrl+C gives up)";
    }

    /// <summary>Why the server could not be asked, as the first half of a sentence.</summary>
    public static string Trouble(ImException error) =>
        error.Kind is ImErrorKind.RateLimited ? "The server asks to wait" : "The server does not answer";

    private Task<Conversation> MeetBeforeAsync(IAnsiConsole console, ImClient client, CancellationToken cancellationToken) =>
        console.Status().Spinner(Spinner.Known.Dots).StartAsync(Markup.Escape(Sentence(Patience, null)), async status =>
        {
            RendezvousProgress? latest = null;
            Func<TimeSpan> left = () => Patience;
            var meeting = MeetAsync(client, clock =>
            {
                left = clock;
                return progress => Volatile.Write(ref latest, progress);
            }, cancellationToken);

            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (await Task.WhenAny(meeting, second.WaitForNextTickAsync(CancellationToken.None).AsTask()) != meeting)
            {
                status.Status(Markup.Escape(Sentence(left(), Volatile.Read(ref latest))));
            }

            return await meeting;
        });
}
