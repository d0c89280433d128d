using System.Collections.Concurrent;
using Im.Application.Limits;
using Im.Domain;
using Im.WebApi.Limits;

namespace Im.UnitTests.WebApi.Limits;

/// <summary>Counts as the store does, for all who share it; may be away.</summary>
internal sealed class CountingStore(TimeProvider clock) : IRates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _rested = [];

    public bool IsAway { get; set; }

    /// <summary>Whom it was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public Task<Result<TimeSpan>> TakeAsync(Rate rate, string whose, CancellationToken cancellationToken)
    {
        Asked.Enqueue(whose);
        if (IsAway)
        {
            return Task.FromResult<Result<TimeSpan>>(Errors.StoreUnavailable);
        }

        lock (_lock)
        {
            var rested = _rested.GetValueOrDefault($"{rate.Name} {whose}");
            var wait = rate.Take(ref rested, clock.GetMicroseconds());
            _rested[$"{rate.Name} {whose}"] = rested;
            return Task.FromResult<Result<TimeSpan>>(TimeSpan.FromMicroseconds(wait));
        }
    }
}
