namespace Im.WebApi.Limits;

/// <summary>The present, as rates count.</summary>
internal static class Microseconds
{
    /// <summary>Microseconds since some moment, by a clock that is never set back.</summary>
    internal static long GetMicroseconds(this TimeProvider clock) => clock.GetElapsedTime(0, clock.GetTimestamp()).Ticks / TimeSpan.TicksPerMicrosecond;
}
