namespace Im.WebApi.Limits;

/// <summary>The present, as rates count.</summary>
internal static class Microseconds
{
    private const long PerSecond = 1_000_000;

    /// <summary>Microseconds since some moment, by a clock that is never set back. In whole numbers: a long way from that moment a fraction is no longer exact.</summary>
    internal static long GetMicroseconds(this TimeProvider clock)
    {
        var (seconds, rest) = Math.DivRem(clock.GetTimestamp(), clock.TimestampFrequency);
        return (seconds * PerSecond) + (rest * PerSecond / clock.TimestampFrequency);
    }
}
