using Im.Application.Limits;

namespace Im.WebApi.Limits;

/// <summary>
/// A rate as this node alone has counted it. Who is at rest is forgotten; of too many the ones that soon would be are, too:
/// a crowd may cost this node no memory without end, and the store still knows them. Thread-safe.
/// </summary>
internal sealed class NodeRate(Rate rate, TimeProvider clock)
{
    /// <summary>How many callers are remembered at most.</summary>
    internal const int MaxCallers = 100_000;

    private const int LookFrom = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _rested = [];
    private int _lookAt = LookFrom;

    /// <summary>Callers that are remembered at this moment.</summary>
    internal int Callers
    {
        get
        {
            lock (_lock)
            {
                return _rested.Count;
            }
        }
    }

    /// <summary>Counts one; null if it may happen, else how long to wait.</summary>
    internal TimeSpan? Take(string whose)
    {
        lock (_lock)
        {
            var now = clock.GetMicroseconds();
            var rested = _rested.GetValueOrDefault(whose);
            if (rate.Take(ref rested, now) is > 0 and var wait)
            {
                return TimeSpan.FromMicroseconds(wait);
            }

            Keep(whose, rested, now);
            return null;
        }
    }

    /// <summary>How long to wait, and nothing is counted; null: not at all.</summary>
    internal TimeSpan? Wait(string whose)
    {
        lock (_lock)
        {
            var rested = _rested.GetValueOrDefault(whose);
            return rate.Take(ref rested, clock.GetMicroseconds()) is > 0 and var wait ? TimeSpan.FromMicroseconds(wait) : null;
        }
    }

    /// <summary>Somebody who knows more has counted this caller: nothing may happen for so long.</summary>
    internal void UsedUp(string whose, TimeSpan wait)
    {
        lock (_lock)
        {
            var now = clock.GetMicroseconds();
            var rested = now + (wait.Ticks / TimeSpan.TicksPerMicrosecond) + rate.Span - rate.Period;
            Keep(whose, Math.Max(rested, _rested.GetValueOrDefault(whose)), now);
        }
    }

    /// <summary>The lock is held.</summary>
    private void Keep(string whose, long rested, long now)
    {
        _rested[whose] = rested;
        if (_rested.Count < _lookAt)
        {
            return;
        }

        foreach (var (atRest, _) in _rested.Where(caller => caller.Value <= now).ToList())
        {
            _rested.Remove(atRest);
        }

        // Well before there is no place left: near the end every call would look, and find next to nobody at rest.
        if (_rested.Count > MaxCallers / 4 * 3)
        {
            foreach (var (soon, _) in _rested.OrderBy(caller => caller.Value).Take(_rested.Count - (MaxCallers / 2)).ToList())
            {
                _rested.Remove(soon);
            }
        }

        // So rarely that it costs nothing per call.
        _lookAt = Math.Clamp(2 * _rested.Count, LookFrom, MaxCallers);
    }
}
