using System.Numerics;

namespace Im.Load.Measure;

/// <summary>Counts durations in log-linear buckets: exact below 256 ns, then within 1/128 of the value, up to the longest there is.</summary>
internal sealed class Histogram
{
    private const int SubBits = 7;
    private const int SubCount = 1 << SubBits;

    private readonly long[] _counts = new long[(65 - SubBits) * SubCount];
    private long _longest;

    internal long Count { get; private set; }

    internal void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        _counts[IndexOf(nanoseconds)]++;
        _longest = Math.Max(_longest, nanoseconds);
        Count++;
    }

    /// <summary>The duration in nanoseconds that this share of all does not exceed; never more than the longest, never less than the true one.</summary>
    /// <param name="share">From 0 to 1; 1 is the longest, exactly.</param>
    internal long Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        for (var i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                return Math.Min(_longest, HighestIn(i));
            }
        }

        return _longest;
    }

    // Values of one power of two share SubCount buckets; the first two powers' worth have a bucket each.
    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, 63 - BitOperations.LeadingZeroCount((ulong)value) - SubBits);
        return (shift * SubCount) + (int)(value >> shift);
    }

    private static long HighestIn(int index)
    {
        var shift = Math.Max(0, (index >> SubBits) - 1);
        return ((index - (shift * SubCount) + 1L) << shift) - 1;
    }
}
