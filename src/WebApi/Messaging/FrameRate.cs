namespace Im.WebApi.Messaging;

/// <summary>A token bucket: so many frames a second, with two seconds' burst. One reader only.</summary>
internal sealed class FrameRate(int perSecond, TimeProvider clock)
{
    private double _tokens = 2.0 * perSecond;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Takes a token; false: the frame came too fast. Without a limit always true.</summary>
    public bool TryTake()
    {
        if (perSecond == 0)
        {
            return true;
        }

        var now = clock.GetTimestamp();
        _tokens = Math.Min(2.0 * perSecond, _tokens + (clock.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
        _filledAt = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}

/// <summary>Counts the frames that make no sense, by the minute. Thread-safe: the reader sees some, the store refuses others.</summary>
internal sealed class BadFrameCount(int perMinute, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private int _count;
    private long _since;

    /// <summary>Counts one; true: that was one too many. Without a limit always false.</summary>
    public bool Add()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_count == 0 || clock.GetElapsedTime(_since, now) >= TimeSpan.FromMinutes(1))
            {
                (_count, _since) = (0, now);
            }

            return ++_count > perMinute && perMinute > 0;
        }
    }
}
