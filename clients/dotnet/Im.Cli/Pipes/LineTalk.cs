using System.Threading.Channels;
using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Pipes;

/// <summary>A conversation as lines: what comes in is told, and lines are sent until the peer has acknowledged them all.</summary>
/// <param name="conversation">The conversation; it stays the caller's to close.</param>
/// <param name="reporter">Where everything is told.</param>
/// <param name="watch">Gives up when nothing comes of it any more.</param>
internal sealed class LineTalk(Conversation conversation, Reporter reporter, Watch watch)
{
    /// <summary>Lines under way that the relay has not stored yet; then no more are read.</summary>
    private const int MaxUnsent = 256;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The last of each kind that is told only when it differs.</summary>
    private readonly HashSet<ConversationEvent> _told = [];

    private volatile bool _isInputRead;

    /// <summary>Whether a message was withheld, repeated, reordered or changed.</summary>
    public bool IsTampered { get; private set; }

    /// <summary>Receives until so many messages came (null: until the conversation ends), and meanwhile sends nothing.</summary>
    public Task ReceiveAsync(int? count, CancellationToken cancellationToken) =>
        RunAsync(ending => TakeAsync(count, ending), [], cancellationToken);

    /// <summary>Sends all lines, and meanwhile receives.</summary>
    public Task SendAsync(IAsyncEnumerable<string> lines, CancellationToken cancellationToken) =>
        RunAsync(ending => SendLinesAsync(lines, ending), [ending => TakeAsync(null, ending)], cancellationToken);

    /// <summary>Runs until the one part is done, or any of the others fails.</summary>
    private async Task RunAsync(Func<CancellationToken, Task> wanted, IEnumerable<Func<CancellationToken, Task>> others, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        conversation.Happened += Tell;

        // What happened between its birth and now nobody was told.
        Tell(conversation, new StateChanged(conversation.State));
        Tell(conversation, new PresenceChanged(conversation.IsPeerOnline));
        var done = wanted(ending.Token);
        Task[] parts = [done, watch.RunAsync(ending.Token), .. others.Select(other => other(ending.Token))];
        try
        {
            var first = await Task.WhenAny(parts);
            if (_isInputRead)
            {
                // The peer may end the conversation as soon as it has the last line: what it acknowledged counts.
                await done.WaitAsync(Grace, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await (done.IsCompletedSuccessfully ? done : first);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            conversation.Happened -= Tell;
        }
    }

    private async Task TakeAsync(int? count, CancellationToken cancellationToken)
    {
        var taken = 0;
        await foreach (var item in conversation.ReceiveAsync(cancellationToken))
        {
            watch.Received();
            switch (item)
            {
                case ReceivedMessage message:
                    reporter.Tell(new MessageReport(conversation.PeerId, message.Id, message.Text));
                    if (++taken == count)
                    {
                        return;
                    }

                    break;
                case WithheldMessages withheld:
                    IsTampered = true;
                    reporter.Tell(new WithheldReport(withheld));
                    break;
                case RefusedMessage refused:
                    IsTampered = true;
                    reporter.Tell(new RefusedReport(refused));
                    break;
            }
        }
    }

    private async Task SendLinesAsync(IAsyncEnumerable<string> lines, CancellationToken cancellationToken)
    {
        var unsent = Channel.CreateBounded<Task<SentMessage>>(MaxUnsent);
        var sending = FollowAsync(unsent.Reader, cancellationToken);
        ToolException? badLine = null;
        try
        {
            await foreach (var line in lines.WithCancellation(cancellationToken))
            {
                watch.Began();
                await unsent.Writer.WriteAsync(conversation.SendAsync(line, cancellationToken), cancellationToken);
                if (sending.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (ToolException e)
        {
            // The lines before it are good, and still go their way.
            badLine = e;
        }

        unsent.Writer.Complete();
        _isInputRead = true;
        await sending;
        if (badLine is not null)
        {
            throw badLine;
        }
    }

    /// <summary>Tells in order what the relay has stored, and returns when the peer has the last of it.</summary>
    private async Task FollowAsync(ChannelReader<Task<SentMessage>> unsent, CancellationToken cancellationToken)
    {
        SentMessage? last = null;
        await foreach (var sending in unsent.ReadAllAsync(cancellationToken))
        {
            last = await sending;
            watch.Stored(last.Id);
            reporter.Tell(new SentReport(last.Id));
        }

        if (last is not null)
        {
            await last.Delivered.WaitAsync(cancellationToken);
        }
    }

    private void Tell(object? sender, ConversationEvent what)
    {
        lock (_told)
        {
            if (what is StateChanged or PresenceChanged && !_told.Add(what))
            {
                return;
            }

            _told.RemoveWhere(told => told.GetType() == what.GetType() && told != what);
        }

        watch.Happened(what);
        Report? report = what switch
        {
            StateChanged { State.Status: not ConversationStatus.Ended } changed => new StateReport(changed.State, changed.State.NextTryAt - TimeProvider.System.GetUtcNow()),
            PresenceChanged presence => new PresenceReport(conversation.PeerId, presence.IsOnline),
            TypingChanged typing => new TypingReport(conversation.PeerId, typing.IsTyping),
            MessagesDelivered delivered => new DeliveredReport(delivered.UpToId),
            SendingPaused paused => new SendingReport(paused),
            SendingResumed => new SendingReport(null),
            _ => null,
        };
        if (report is not null)
        {
            reporter.Tell(report);
        }
    }
}
