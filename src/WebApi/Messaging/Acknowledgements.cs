using Im.Application.Messaging;
using Im.Domain;
using MediatR;

namespace Im.WebApi.Messaging;

/// <summary>Passes a connection's acknowledgements to the store: one call at a time, and what came meanwhile in the next. Thread-safe.</summary>
internal sealed class Acknowledgements(Attachment attachment, long acknowledged, IMediator mediator, SocketConnection connection)
{
    private readonly Lock _lock = new();
    private long _wanted = acknowledged;
    private long _done = acknowledged;
    private bool _isRunning;

    /// <summary>Everything up to here arrived; a lower one than before is ignored.</summary>
    public void Add(long seq)
    {
        lock (_lock)
        {
            _wanted = Math.Max(_wanted, seq);
        }

        Start();
    }

    /// <summary>The sweep says what the store has; what a failed call left behind is sent again.</summary>
    public void Learn(long done)
    {
        lock (_lock)
        {
            _done = Math.Max(_done, done);
        }

        Start();
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_isRunning || _wanted <= _done)
            {
                return;
            }

            _isRunning = true;
        }

        _ = RunAsync();
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
            _isRunning = _wanted > _done;
            return _isRunning ? _wanted : null;
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            _isRunning = false;
        }
    }

    private async Task<bool> AcknowledgeAsync(long seq)
    {
        var result = await mediator.Send(new Acknowledge(attachment, seq));
        if (result.IsOk)
        {
            lock (_lock)
            {
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
