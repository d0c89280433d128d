namespace Im.Application.Limits;

/// <summary>
/// How often something may happen: so often at once, and then evenly. One number says how far it is used up, the moment from
/// which on nothing counts any more (the generic cell rate algorithm, ITU-T I.371); times are whole microseconds.
/// </summary>
public sealed record Rate
{
    private Rate(string name, int number, TimeSpan time, int atOnce)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        Name = name;

        // Rounded up: a little less often rather than a little more.
        Period = (time.Ticks + (number * TimeSpan.TicksPerMicrosecond) - 1) / (number * TimeSpan.TicksPerMicrosecond);
        Span = Period * atOnce;
    }

    /// <summary>What is limited. Two rates of one name share what they count in the store.</summary>
    public string Name { get; }

    /// <summary>Microseconds between two, once as many as may happen at once have happened.</summary>
    public long Period { get; }

    /// <summary>Microseconds after which as many may happen at once again.</summary>
    public long Span { get; }

    /// <summary>A minute's number at once, then evenly.</summary>
    /// <param name="name">What is limited.</param>
    /// <param name="number">At least 1.</param>
    public static Rate PerMinute(string name, int number) => new(name, number, TimeSpan.FromMinutes(1), number);

    /// <summary>Two seconds' number at once, then evenly.</summary>
    /// <param name="name">What is limited.</param>
    /// <param name="number">At least 1.</param>
    public static Rate PerSecond(string name, int number) => new(name, number, TimeSpan.FromSeconds(1), 2 * number);

    /// <summary>Counts one.</summary>
    /// <param name="rested">From when on nothing counts any more; moved on if this one may happen.</param>
    /// <param name="now">The present.</param>
    /// <returns>0 if it may happen, else in how many microseconds the next one may; it is not counted then.</returns>
    public long Take(ref long rested, long now)
    {
        // Never further off than it can be: a clock may have been set back.
        var from = Math.Clamp(rested, now, now + Span);
        var wait = from + Period - Span - now;
        if (wait > 0)
        {
            return wait;
        }

        rested = from + Period;
        return 0;
    }
}
