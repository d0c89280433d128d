namespace Im.Client.Errors;

/// <summary>Growing random delays: anything from none to a bound that doubles, so that many clients do not come back in one moment.</summary>
/// <param name="first">The first bound.</param>
/// <param name="last">The highest bound.</param>
/// <param name="random">A number from 0 to below 1; null: the base library's.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan last, Func<double>? random = null)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _bound = first;

    /// <summary>Between attempts to reach a server: 250 ms doubling to 15 s.</summary>
    public static Backoff OfReconnecting() => new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));

    /// <summary>The next delay.</summary>
    /// <param name="atLeast">What the server asked for, if it did; the random part comes on top.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        // Chance spreads clients here; nothing depends on nobody guessing it.
#pragma warning disable CA5394
        var delay = _bound * (random ?? Random.Shared.NextDouble)();
#pragma warning restore CA5394
        _bound = TimeSpan.FromTicks(Math.Min(last.Ticks, _bound.Ticks * 2));
        return delay + (atLeast ?? TimeSpan.Zero);
    }

    /// <summary>It worked: the next delay is a short one again.</summary>
    public void Reset() => _bound = _first;
}
