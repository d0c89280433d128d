using Im.Application.Messaging;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>One connection's part in the sweep: touches the store, and compares what it says with what the connection has seen.</summary>
internal sealed class SessionTouch(
    SocketConnection connection, Attachment attachment, Outgoing outgoing, Acknowledgements acknowledgements, TokenLife token, SocketServices services)
{
    private int _wanted;

    /// <summary>Touches. One at a time; who comes meanwhile has it done once more, for what the first may have been too early to see.</summary>
    public async Task RunAsync()
    {
        if (Interlocked.Increment(ref _wanted) > 1)
        {
            return;
        }

        int done;
        do
        {
            done = Volatile.Read(ref _wanted);
            try
            {
                await TouchAsync();
            }
            catch (Exception failure)
            {
                connection.Fail(failure);
            }
        }
        while (Interlocked.Add(ref _wanted, -done) > 0);
    }

    private static bool WentBack(SessionProgress seen, SessionProgress now) =>
        now.LastSeq < seen.LastSeq || now.LastId < seen.LastId || now.SentSeq < seen.SentSeq
        || now.Delivered < seen.Delivered || now.PeerEpoch < seen.PeerEpoch;

    private async Task TouchAsync()
    {
        token.Check();

        // Looked at before the call: what is published meanwhile may be newer than the answer.
        var seen = outgoing.Seen();
        var touched = await services.Sessions.TouchAsync(attachment, CancellationToken.None);
        if (!touched.IsOk)
        {
            connection.EndBy(touched.Error);
        }
        else if (WentBack(seen, touched.Value))
        {
            await connection.AbandonAsync();
        }
        else
        {
            outgoing.Learn(touched.Value);
            acknowledgements.Learn(touched.Value.Acknowledged);
            connection.Repair();
        }
    }
}
