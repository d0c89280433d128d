using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Telemetry;
using MediatR;

namespace Im.WebApi.Messaging;

/// <summary>Passes a connection's acknowledgements to the store: one call at a time, and what came meanwhile in the next. Thread-safe.</summary>
/// <param name="attachment">The connection's claim.</param>
/// <param name="acknowledged">What the store has at the beginning.</param>
/// <param name="round">Where they wait for those of others; null: they go at once.</param>
/// <param name="mediator">Takes the command.</param>
/// <param name="connection">Ends where the store refuses.</param>
internal sealed class Acknowledgements(Attachment attachment, long acknowledged, AcknowledgementRound? round, IMediator mediator, SocketConnection connection)
{
    private readonly Lock _lock = new();
    private long _wanted = acknowledged;
    private long _done = acknowledged;
    private bool _isWaiting;
    private bool _isRunning;
    private volatile bool _isEnding;
    private TaskCompletionSource? _idle;

    /// <summary>Everything up to here arrived; a lower one than before is ignored.</summary>
    public void Add(long seq)
    {
        lock (_lock)
        {
            _wanted = Math.Max(_wanted, seq);
        }

        Begin();
    }

    /// <summary>The sweep says what the store has; what a failed call left behind is sent again.</summary>
    public void Learn(long done)
    {
        lock (_lock)
        {
            _done = Math.Max(_done, done);
        }

        Begin();
    }

    /// <summary>The round is over: what waits goes to the store.</summary>
    public void Send()
    {
        lock (_lock)
        {
            _isWaiting = false;
            if (_isRunning || _wanted <= _done)
            {
                return;
            }

            _isRunning = true;
        }

        _ = RunAsync();
    }

    /// <summary>The connection is over: what waits goes to the store now. Completes when nothing is under way any more.</summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            _isEnding = true;
        }

        Send();
        lock (_lock)
        {
            return _isRunning ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    private void Begin()
    {
        bool waits;
        lock (_lock)
        {
            if (_isWaiting || _isRunning || _wanted <= _done)
            {
                return;
            }

            waits = _isWaiting = round is not null && !_isEnding;
        }

        if (waits)
        {
            round!.Add(this);
        }
        else
        {
            Send();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (Next() is { } seq)
            {
                if (!await AcknowledgeAsync(seq))
                {
                    Stop();
                    return;
                }

                if (round is not null && !_isEnding)
                {
                    // What came meanwhile waits for the next round.
                    Stop();
                    Begin();
                    return;
                }
            }
        }
        catch (Exception failure)
        {
            Stop();
            connection.Fail(failure);
        }
    }

    /// <summary>What to send next; null, and no longer running: nothing. One step, so that nothing added meanwhile is left lying.</summary>
    private long? Next()
    {
        lock (_lock)
        {
            if (_wanted > _done)
            {
                return _wanted;
            }

            Stop();
            return null;
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            _isRunning = false;
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    private async Task<bool> AcknowledgeAsync(long seq)
    {
        var result = await mediator.Send(new Acknowledge(attachment, seq));
        if (result.IsOk)
        {
            lock (_lock)
            {
                NodeMetrics.Delivered(Math.Max(0, seq - _done));
                _done = Math.Max(_done, seq);
            }

            return true;
        }

        // The connection has seen this seq; a store that has not is older than that.
        if (result.Error.Code is ErrorCode.MalformedFrame)
        {
            await connection.AbandonAsync();
        }
        else
        {
            connection.EndBy(result.Error);
        }

        return false;
    }
}
