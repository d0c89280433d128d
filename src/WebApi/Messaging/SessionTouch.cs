using Im.Application.Messaging;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>One connection's part in the sweep: touches the store, and compares what it says with what the connection has seen.</summary>
internal sealed class SessionTouch(
    SocketConnection connection, Attachment attachment, Outgoing outgoing, Acknowledgements acknowledgements, TokenLife token, SocketServices services)
{
    private int _wanted;
    private int _done;
    private SeenProgress _seen;

    /// <summary>Touches, unless it is being done. One at a time; who comes meanwhile has it done once more, for what the first may have been too early to see.</summary>
    public Task RunAsync() => TryBegin() ? RunBegunAsync() : Task.CompletedTask;

    /// <summary>Begins a touch whose call the caller makes. False: one is under way, and will be done once more.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _wanted) > 1)
        {
            return false;
        }

        Begin();
        return true;
    }

    /// <summary>The store has answered the call.</summary>
    public async Task EndAsync(Result<SessionProgress> touched)
    {
        try
        {
            await LearnAsync(touched);
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
        }

        if (Interlocked.Add(ref _wanted, -_done) > 0)
        {
            Begin();
            await RunBegunAsync();
        }
    }

    /// <summary>Looked at before the call: what is published meanwhile may be newer than the answer.</summary>
    private void Begin()
    {
        _done = Volatile.Read(ref _wanted);
        token.Check();
        _seen = outgoing.Seen();
    }

    private async Task RunBegunAsync()
    {
        Result<SessionProgress> touched;
        try
        {
            touched = await services.Sessions.TouchAsync(attachment, CancellationToken.None);
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
            touched = Errors.StoreUnavailable;
        }

        await EndAsync(touched);
    }

    private async Task LearnAsync(Result<SessionProgress> touched)
    {
        if (!touched.IsOk)
        {
            connection.EndBy(touched.Error);
        }
        else if (_seen.IsBeyond(touched.Value))
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
