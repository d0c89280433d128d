namespace Im.WebApi.Limits;

/// <summary>The present, as rates count.</summary>
internal static class Microseconds
{
    /// <summary>Microseconds since some moment, by a clock that is never set back.</summary>
    /// <remarks>In whole numbers: a long time as a fraction is not exact to the microsecond.</remarks>
    internal static long GetMicroseconds(this TimeProvider clock)
    {
        var (seconds, rest) = Math.DivRem(clock.GetTimestamp(), clock.TimestampFrequency);
        return (seconds * 1_000_000) + (rest * 1_000_000 / clock.TimestampFrequency);
    }
}
