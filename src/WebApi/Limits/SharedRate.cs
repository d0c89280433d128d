using Im.Application.Limits;

namespace Im.WebApi.Limits;

/// <summary>
/// A minute's rate that holds across nodes. The node counts too, for itself: who has used up everything here is refused
/// without the store, and while the store does not answer, that count is the limit. Thread-safe.
/// </summary>
/// <param name="name">What is limited.</param>
/// <param name="perMinute">How often; 0: as often as they like, and nobody counts.</param>
/// <param name="rates">Counts for all nodes.</param>
/// <param name="clock">Counts for this one.</param>
internal sealed class SharedRate(string name, int perMinute, IRates rates, TimeProvider clock)
{
    private readonly Rate? _rate = perMinute == 0 ? null : Rate.PerMinute(name, perMinute);
    private readonly NodeRate? _here = perMinute == 0 ? null : new NodeRate(Rate.PerMinute(name, perMinute), clock);

    /// <summary>Whether there is a limit at all.</summary>
    internal bool IsLimited => _rate is not null;

    /// <summary>Counts one; null if it may happen, else how long to wait.</summary>
    internal async ValueTask<TimeSpan?> TakeAsync(string whose, CancellationToken cancellationToken) =>
        TakeHere(whose) ?? await TakeEverywhereAsync(whose, cancellationToken);

    /// <summary>The first half of <see cref="TakeAsync"/>, which asks nobody.</summary>
    internal TimeSpan? TakeHere(string whose) => _here?.Take(whose);

    /// <summary>How long this node knows that there is to wait, and nothing is counted; null: it may happen, as far as this node knows.</summary>
    internal TimeSpan? WaitHere(string whose) => _here?.Wait(whose);

    /// <summary>The second half, after the first one let it pass.</summary>
    internal async ValueTask<TimeSpan?> TakeEverywhereAsync(string whose, CancellationToken cancellationToken)
    {
        if (_rate is null)
        {
            return null;
        }

        var taken = await rates.TakeAsync(_rate, whose, cancellationToken);
        if (!taken.IsOk || taken.Value == TimeSpan.Zero)
        {
            return null;
        }

        // Until then this node can say so by itself.
        _here!.UsedUp(whose, taken.Value);
        return taken.Value;
    }
}
