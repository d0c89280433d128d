using Im.Client.Errors;

namespace Im.Client.Messaging;

/// <summary>Whether sending rests because the relay takes nothing: one second at first, then longer, until something is taken.</summary>
/// <remarks>Not thread-safe by itself: used under the outbox's lock, but for the timer, which only clears a flag.</remarks>
internal sealed class SendPause(TimeProvider clock, Wake wake) : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private readonly Backoff _backoff = new(First / 2, TimeSpan.FromSeconds(7.5));
    private TimeSpan _least = First / 2;
    private ITimer? _timer;
    private volatile bool _isResting;

    /// <summary>Why nothing goes out; null once the relay took something again.</summary>
    public ImException? Error { get; private set; }

    public bool IsResting => _isResting;

    /// <summary>The relay refused. When it will be tried again; null where it rests already.</summary>
    public DateTimeOffset? Begin(ImException error)
    {
        if (_isResting)
        {
            return null;
        }

        // Half of the wait is certain: with chance alone, some would come back at once.
        var delay = _backoff.Next(_least);
        _least = TimeSpan.FromTicks(Math.Min(_least.Ticks * 2, TimeSpan.FromSeconds(7.5).Ticks));
        Error = error;
        _isResting = true;
        _timer?.Dispose();
        _timer = clock.CreateTimer(_ => End(), null, delay, Timeout.InfiniteTimeSpan);
        return clock.GetUtcNow() + delay;
    }

    /// <summary>The relay took something. True: it had refused before.</summary>
    public bool Over()
    {
        if (Error is null)
        {
            return false;
        }

        Error = null;
        _least = First / 2;
        _backoff.Reset();
        _timer?.Dispose();
        _isResting = false;
        return true;
    }

    /// <summary>Rests no longer, unless the relay said that it was too fast.</summary>
    public void Cut()
    {
        if (_isResting && Error?.Kind is not ImErrorKind.RateLimited)
        {
            _timer?.Dispose();
            End();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void End()
    {
        _isResting = false;
        wake.Set();
    }
}
