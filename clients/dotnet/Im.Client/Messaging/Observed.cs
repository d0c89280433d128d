namespace Im.Client.Messaging;

/// <summary>What a caller sees of a conversation, and how it is told of changes: in order, one at a time.</summary>
/// <param name="raise">Raises the event.</param>
internal sealed class Observed(Action<ConversationEvent> raise)
{
    private readonly Lock _lock = new();
    private volatile ConversationState _state = new(ConversationStatus.Connecting);
    private volatile bool _isPeerOnline;
    private volatile bool _isPeerTyping;

    public ConversationState State => _state;

    public bool IsPeerOnline => _isPeerOnline;

    public bool IsPeerTyping => _isPeerTyping;

    public void SetState(ConversationState state)
    {
        lock (_lock)
        {
            if (_state != state && _state.Status is not ConversationStatus.Ended)
            {
                _state = state;
                Raise(new StateChanged(state));
            }
        }
    }

    public void SetPeerOnline(bool isOnline)
    {
        lock (_lock)
        {
            if (_isPeerOnline != isOnline)
            {
                _isPeerOnline = isOnline;
                Raise(new PresenceChanged(isOnline));
            }
        }
    }

    public void SetPeerTyping(bool isTyping)
    {
        lock (_lock)
        {
            if (_isPeerTyping != isTyping)
            {
                _isPeerTyping = isTyping;
                Raise(new TypingChanged(isTyping));
            }
        }
    }

    public void Say(ConversationEvent what)
    {
        lock (_lock)
        {
            Raise(what);
        }
    }

    private void Raise(ConversationEvent what)
    {
        try
        {
            raise(what);
        }
#pragma warning disable CA1031 // What a handler throws, whatever it is, must not take the connection with it.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Documented at the event.
        }
    }
}
