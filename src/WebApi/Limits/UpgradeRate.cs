using Im.Application.Limits;

namespace Im.WebApi.Limits;

/// <summary>
/// How many upgrades this node takes in a second. Each costs it several calls to the store; of a crowd that comes at once, for
/// another node died, it takes what it can and sends the rest away for a while, each for another one. Thread-safe.
/// </summary>
internal sealed class UpgradeRate
{
    /// <summary>The longest while, in seconds.</summary>
    internal const int LongestWait = 30;

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Random _random;
    private readonly Rate? _rate;
    private long _rested;
    private long _back;

    /// <param name="options">Says how many.</param>
    /// <param name="clock">Counts the seconds.</param>
    /// <param name="random">Spreads those who were sent away.</param>
    internal UpgradeRate(LimitsOptions options, TimeProvider clock, Random random)
    {
        (_clock, _random) = (clock, random);
        _rate = options.ConnectionsPerSecond == 0 ? null : Rate.PerSecond("connections", options.ConnectionsPerSecond);
    }

    /// <summary>Counts one; null if it may happen, else for how long it is sent away.</summary>
    internal TimeSpan? Take()
    {
        if (_rate is null)
        {
            return null;
        }

        lock (_lock)
        {
            var now = _clock.GetMicroseconds();
            var wait = _rate.Take(ref _rested, now);
            if (wait == 0)
            {
                return null;
            }

            // As if those who were sent away stood in a line, at whose end this one would come in time: anybody may come back at
            // any moment until then, so they come back about as fast as they are taken.
            var longest = now + (LongestWait * 1_000_000L);
            _back = Math.Min(Math.Max(_back, now) + _rate.Period, longest);
            return TimeSpan.FromMicroseconds(wait + (_random.NextDouble() * (_back - now + 1_000_000)));
        }
    }
}
