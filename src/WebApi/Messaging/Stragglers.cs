namespace Im.WebApi.Messaging;

/// <summary>
/// A gap in the order of messages is often closed by a publication that is only late. Waits for it a moment; then the queue
/// is read.
/// </summary>
internal sealed class Stragglers(SocketConnection connection, Outgoing outgoing, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private int _isWaiting;

    /// <summary>Begins to wait if a message is missing and nobody waits for it yet.</summary>
    public void Expect()
    {
        if (outgoing.HasGap() && Interlocked.Exchange(ref _isWaiting, 1) == 0)
        {
            _ = WaitAsync();
        }
    }

    private async Task WaitAsync()
    {
        await Task.Delay(Patience, clock);
        Volatile.Write(ref _isWaiting, 0);
        outgoing.GiveUpWaiting();
        connection.Wake();
    }
}
