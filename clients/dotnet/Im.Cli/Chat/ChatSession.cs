using System.Threading.Channels;
using Im.Cli.Output;
using Im.Cli.Talk;
using Im.Client;

namespace Im.Cli.Chat;

/// <summary>The chat from the first exchange of keys until it is left: keys, commands, new conversations after old ones.</summary>
/// <param name="client">Who talks.</param>
/// <param name="meeting">How keys are exchanged.</param>
/// <param name="view">Where it is shown.</param>
internal sealed class ChatSession(ImClient client, Meeting meeting, ChatView view) : IAsyncDisposable
{
    private const string Help =
        "/safety: who could read along. /new: exchange new keys. /end: end the conversation for both sides and leave. "
        + "/retry, or Enter alone: try to connect now. /quit, Ctrl+D: leave. //text: a message that begins with /text. Page Up, Page Down: scroll.";

    /// <summary>How long leaving waits for messages that the relay does not have yet.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    private ChatTalk? _talk;
    private Task _meeting = Task.CompletedTask;
    private bool _isTampered;

    /// <summary>Runs the chat until the user leaves it.</summary>
    /// <param name="first">The conversation it begins with.</param>
    /// <param name="keys">What is typed; its end leaves.</param>
    /// <param name="cancellationToken">Leaves at once.</param>
    public async Task<ExitCode> RunAsync(Conversation first, ChannelReader<ConsoleKeyInfo> keys, CancellationToken cancellationToken)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _talk = new ChatTalk(first, view);
        var drawing = view.RunAsync(left.Token);
        try
        {
            await foreach (var key in keys.ReadAllAsync(cancellationToken))
            {
                if (!await TakeAsync(key, left.Token))
                {
                    break;
                }
            }

            return Outcome();
        }
        finally
        {
            await left.CancelAsync();
            await drawing;
        }
    }

    /// <summary>Leaves the conversation.</summary>
    public async ValueTask DisposeAsync()
    {
        await _meeting;
        await DropAsync();
    }

    /// <summary>False: the user leaves.</summary>
    private async Task<bool> TakeAsync(ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        var (finished, line) = view.Take(key);
        if (finished is null)
        {
            // A command is nobody's business.
            _talk?.SetTyping(line.Length > 0 && !line.StartsWith('/'));
            return line.Length > 0 || key is not { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } || await LeaveAsync();
        }

        _talk?.SetTyping(false);
        switch (finished.Trim())
        {
            case "" or "/retry":
                _talk?.RetryNow();
                return true;
            case "/quit":
                return await LeaveAsync();
            case "/end":
                return await EndAsync(cancellationToken);
            case "/safety" when _talk is not null:
                _talk.SayProtection();
                return true;
            case "/new" when _meeting.IsCompleted:
                _meeting = MeetAgainAsync(cancellationToken);
                return true;
            case "/help":
                view.Say(EntryKind.Note, Help);
                return true;
            case ['/', not '/', ..] unknown:
                view.Say(EntryKind.Warning, $"{unknown.Split(' ')[0]} does nothing now. {Help}");
                return true;
            default:
                Send(finished.StartsWith("//", StringComparison.Ordinal) ? finished[1..] : finished);
                return true;
        }
    }

    private void Send(string text)
    {
        if (_talk is null)
        {
            view.Say(EntryKind.Warning, "Not sent: keys are not exchanged yet.");
            return;
        }

        _talk.Send(text);
    }

    /// <summary>Always false, which leaves.</summary>
    private async Task<bool> LeaveAsync()
    {
        if (_talk is { Unsent: > 0 })
        {
            view.Say(EntryKind.Note, "Leaving as soon as the relay has what was written.");
            await _talk.SettleAsync(Settle).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>False, which leaves; true if the server could not be told.</summary>
    private async Task<bool> EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (_talk?.EndAsync(cancellationToken) ?? client.EndAsync(meeting.Peer, cancellationToken));
            return false;
        }
        catch (ImException e)
        {
            view.Say(EntryKind.Warning, Failure.Of(e).Message);
            return true;
        }
    }

    /// <summary>Leaves the conversation there was and exchanges keys anew.</summary>
    private async Task MeetAgainAsync(CancellationToken cancellationToken)
    {
        await DropAsync();
        RendezvousProgress? latest = null;
        try
        {
            var conversation = await meeting.MeetAsync(client, left =>
            {
                view.Change(state => state.Meeting = () => meeting.Sentence(left(), Volatile.Read(ref latest)));
                return progress => Volatile.Write(ref latest, progress);
            }, cancellationToken);
            view.Say(EntryKind.Note, "New keys; what was said before was another conversation.");
            _talk = new ChatTalk(conversation, view);
        }
        catch (ImException e)
        {
            view.Say(EntryKind.Warning, Failure.Of(e).Message);
        }
        catch (OperationCanceledException)
        {
            // Left.
        }
        finally
        {
            view.Change(state => state.Meeting = null);
        }
    }

    private async Task DropAsync()
    {
        if (Interlocked.Exchange(ref _talk, null) is not { } talk)
        {
            return;
        }

        await talk.DisposeAsync();
        _isTampered |= talk.IsTampered;
        view.Change(state =>
        {
            (state.Connection, state.Paused, state.WantsNewKeys) = (null, null, false);
            (state.IsPeerOnline, state.IsPeerTyping, state.ServerCouldRead) = (null, false, null);
        });
    }

    private ExitCode Outcome() => _isTampered || _talk is { IsTampered: true } ? ExitCode.Tampered
        : _talk?.Over is { } over ? Failure.CodeOf(over.Kind)
        : ExitCode.Ok;
}
