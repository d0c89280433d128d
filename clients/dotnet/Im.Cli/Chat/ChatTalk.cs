using System.Collections.Concurrent;
using Im.Cli.Output;
using Im.Cli.Talk;
using Im.Client;

namespace Im.Cli.Chat;

/// <summary>One conversation in the view, from the exchange of keys until it is over or left.</summary>
internal sealed class ChatTalk : IAsyncDisposable
{
    private readonly Conversation _conversation;
    private readonly ChatView _view;
    private readonly CancellationTokenSource _left = new();
    private readonly ConcurrentDictionary<ChatEntry, Task> _sending = new();
    private readonly Task _receiving;
    private volatile bool _isOver;

    /// <summary>Shows it, and everything that comes of it.</summary>
    /// <param name="conversation">From now on this object's to close.</param>
    /// <param name="view">Where.</param>
    public ChatTalk(Conversation conversation, ChatView view)
    {
        _conversation = conversation;
        _view = view;
        view.Change(state =>
        {
            (state.Connection, state.Paused, state.WantsNewKeys) = (conversation.State, null, false);
            (state.IsPeerOnline, state.IsPeerTyping) = (null, false);
            state.ServerCouldRead = conversation.KeyMode is KeyMode.ServerKey;
        });
        SayProtection();
        conversation.Happened += Show;
        Show(conversation, new StateChanged(conversation.State));
        _receiving = ReceiveAsync();
    }

    /// <summary>Whether a message was withheld, repeated, reordered or changed.</summary>
    public bool IsTampered { get; private set; }

    /// <summary>Why it is over, if the other side or the relay ended it; null while it lives.</summary>
    public ImException? Over { get; private set; }

    /// <summary>Messages that the relay does not have yet.</summary>
    public int Unsent => _sending.Count;

    /// <summary>Says what the keys are worth.</summary>
    public void SayProtection()
    {
        foreach (var line in Protection.LinesFor(_conversation.KeyMode, _conversation.SafetyNumber, _conversation.IsKeyShort))
        {
            _view.Say(_conversation.KeyMode is KeyMode.ServerKey ? EntryKind.Warning : EntryKind.Note, line);
        }
    }

    /// <summary>Sends a message and shows how far it has come. Does not wait.</summary>
    public void Send(string text)
    {
        if (_isOver)
        {
            _view.Say(EntryKind.Warning, "Not sent: the conversation is over. /new exchanges keys.");
            return;
        }

        var entry = _view.Say(EntryKind.Own, text);
        _sending[entry] = SendAsync(entry, text);
        if (entry.State is not OwnState.Sending)
        {
            _sending.TryRemove(entry, out _);
        }
    }

    /// <summary>Tries to connect, or to send, without waiting for the time of the next try.</summary>
    public void RetryNow() => _conversation.RetryNow();

    public void SetTyping(bool typing)
    {
        if (!_isOver)
        {
            _conversation.SetTyping(typing);
        }
    }

    /// <summary>Waits until the relay has every message, or the time is up.</summary>
    public Task SettleAsync(TimeSpan limit) =>
        Task.WhenAll(_sending.Values).WaitAsync(limit, CancellationToken.None);

    /// <summary>Ends it for both sides.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _conversation.EndAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await _receiving;
        await _conversation.DisposeAsync();
        await Task.WhenAll(_sending.Values);
        _conversation.Happened -= Show;
        _left.Dispose();
    }

    private async Task SendAsync(ChatEntry entry, string text)
    {
        try
        {
            var sent = await _conversation.SendAsync(text, _left.Token);
            Mark(entry, OwnState.Sent);
            _ = FollowAsync(entry, sent.Delivered);
        }
        catch (Exception e) when (e is ImException or OperationCanceledException or ArgumentException or ObjectDisposedException)
        {
            Mark(entry, OwnState.Lost);
            if (!_isOver && !_left.IsCancellationRequested)
            {
                _view.Say(EntryKind.Warning, e is ImException error ? Failure.Of(error).Message : "That text is not valid Unicode: write it again.");
            }
        }
        finally
        {
            _sending.TryRemove(entry, out _);
        }
    }

    /// <summary>A message that was stored and not delivered when the conversation ended stays so.</summary>
    private async Task FollowAsync(ChatEntry entry, Task delivered)
    {
        await delivered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (delivered.IsCompletedSuccessfully)
        {
            Mark(entry, OwnState.Delivered);
        }
    }

    private void Mark(ChatEntry entry, OwnState state) => _view.Change(_ => entry.State = state);

    private async Task ReceiveAsync()
    {
        try
        {
            await foreach (var item in _conversation.ReceiveAsync(_left.Token))
            {
                IsTampered |= item is not ReceivedMessage;
                _ = item switch
                {
                    ReceivedMessage message => _view.Say(EntryKind.Theirs, message.Text),
                    WithheldMessages withheld => _view.Say(EntryKind.Warning, Warnings.Of(withheld)),
                    RefusedMessage refused => _view.Say(EntryKind.Warning, Warnings.Of(refused)),
                    _ => throw new InvalidOperationException($"No line for {item.GetType().Name}."),
                };
            }
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // Left.
        }
        catch (ImException e)
        {
            Over = e;
            _view.Say(EntryKind.Warning, e.Message);
        }
        finally
        {
            _isOver = true;
        }
    }

    private void Show(object? sender, ConversationEvent what) => _view.Change(state =>
    {
        switch (what)
        {
            case StateChanged changed:
                state.Connection = changed.State;
                state.IsPeerOnline = changed.State.Status is ConversationStatus.Connected ? _conversation.IsPeerOnline : null;
                break;
            case PresenceChanged presence:
                state.IsPeerOnline = presence.IsOnline;
                break;
            case TypingChanged typing:
                state.IsPeerTyping = typing.IsTyping;
                break;
            case HandshakeOpened:
                state.WantsNewKeys = true;
                break;
            case SendingPaused paused:
                state.Paused = paused;
                break;
            case SendingResumed:
                state.Paused = null;
                break;
        }
    });
}
