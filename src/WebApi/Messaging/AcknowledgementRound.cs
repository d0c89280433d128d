namespace Im.WebApi.Messaging;

/// <summary>
/// Lets the acknowledgements of all connections wait for each other a moment and go to the store together: each alone would
/// wake the node, the store and the peer's node, which at a moderate load is most of what a message costs.
/// </summary>
internal sealed class AcknowledgementRound(TimeProvider clock)
{
    /// <summary>How long an acknowledgement waits at most; the sender hears so much later that a message has arrived.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(40);

    private readonly Lock _lock = new();
    private List<Acknowledgements> _waiting = [];

    /// <summary>Has its store call made at the end of the round. Each connection waits here once at most.</summary>
    public void Add(Acknowledgements connection)
    {
        lock (_lock)
        {
            _waiting.Add(connection);
            if (_waiting.Count > 1)
            {
                return;
            }
        }

        _ = EndAsync();
    }

    private async Task EndAsync()
    {
        await Task.Delay(Patience, clock);
        List<Acknowledgements> due;
        lock (_lock)
        {
            due = _waiting;
            _waiting = [];
        }

        foreach (var connection in due)
        {
            connection.Send();
        }
    }
}
