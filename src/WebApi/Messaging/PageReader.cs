using Im.Domain;
using Im.WebApi.Telemetry;

namespace Im.WebApi.Messaging;

/// <summary>
/// Reads the queue for one connection, a page at a time and beside the writing: answers and goodbyes do not wait for it.
/// After a read that failed it pauses; the store is away, and asking more often does not bring it back.
/// </summary>
internal sealed class PageReader(SocketConnection connection, Attachment attachment, Outgoing outgoing, SocketServices services)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private int _isBusy;

    /// <summary>A read, or the pause after a failed one, is under way; when it is over the connection is woken.</summary>
    public bool IsBusy => Volatile.Read(ref _isBusy) == 1;

    /// <summary>Reads a page, unless one is being read.</summary>
    /// <param name="from">The seq to read from.</param>
    /// <param name="known">What the store is known to have given by now.</param>
    public void Start(long from, long known)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) == 0)
        {
            _ = RunAsync(from, known);
        }
    }

    private async Task RunAsync(long from, long known)
    {
        try
        {
            await ReadAsync(from, known);
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
        }

        Volatile.Write(ref _isBusy, 0);
        connection.Wake();
    }

    private async Task ReadAsync(long from, long known)
    {
        var page = await services.Queue.ReadAsync(attachment, from, CancellationToken.None);
        if (!page.IsOk)
        {
            connection.EndBy(page.Error);
            await Task.Delay(PauseAfterFailure, services.Clock);
        }
        else
        {
            NodeMetrics.PageRead();
            if (!outgoing.TryAdd(page.Value, known))
            {
                await connection.AbandonAsync();
            }
        }
    }
}
