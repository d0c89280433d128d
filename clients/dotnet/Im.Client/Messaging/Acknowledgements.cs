namespace Im.Client.Messaging;

/// <summary>What the caller has taken and the relay is to be told: together, at most every 20 ms or 32 messages. Thread-safe.</summary>
internal sealed class Acknowledgements(TimeProvider clock, Wake wake) : IDisposable
{
    private const int Together = 32;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long _taken;
    private long _written;
    private bool _isDue;
    private bool _isTimed;

    /// <summary>The highest seq that the caller has taken.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    public void Take(long seq)
    {
        lock (_lock)
        {
            if (seq <= _taken)
            {
                return;
            }

            _taken = seq;
            if (_taken - _written < Together)
            {
                Later(Delay);
                return;
            }

            _isDue = true;
        }

        wake.Set();
    }

    /// <summary>A connection opened and said by <c>seen</c> what was taken.</summary>
    public void Opened(long seen)
    {
        lock (_lock)
        {
            _written = seen;
            _isDue = _taken > _written;
        }

        wake.Set();
    }

    /// <summary>The store could not note it: once more, a little later.</summary>
    public void Refused()
    {
        lock (_lock)
        {
            _written = 0;
            Later(AfterRefusal);
        }
    }

    /// <summary>The frame that is due; null where none is.</summary>
    /// <param name="evenIfEarly">The connection is about to close: whatever was taken.</param>
    public byte[]? Next(bool evenIfEarly = false)
    {
        lock (_lock)
        {
            if (_taken == _written || !(_isDue || evenIfEarly))
            {
                return null;
            }

            _isDue = false;
            _written = _taken;
            return ClientFrames.Ack(_taken);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }
    }

    // While one timer runs, whatever is taken goes along.
    private void Later(TimeSpan delay)
    {
        if (_isTimed)
        {
            return;
        }

        _isTimed = true;
        _timer?.Dispose();
        _timer = clock.CreateTimer(_ => Due(), null, delay, Timeout.InfiniteTimeSpan);
    }

    private void Due()
    {
        lock (_lock)
        {
            _isTimed = false;
            _isDue = true;
        }

        wake.Set();
    }
}
