using System.Threading.RateLimiting;

namespace Im.WebApi.Limits;

/// <summary>
/// How often something may happen in a minute, per key. Keys at rest are forgotten by the limiter, so the memory is that of the
/// last minute; where there is no limit there are no keys.
/// </summary>
internal sealed class MinuteLimit<TKey>(int perMinute) : IDisposable
    where TKey : notnull
{
    // A bucket: the minute's number at once, then evenly, and the wait it names is short.
    private readonly PartitionedRateLimiter<TKey>? _limiter = perMinute == 0 ? null : PartitionedRateLimiter.Create<TKey, TKey>(key =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = 0,
        }));

    /// <summary>How long it takes at most until one more may happen.</summary>
    internal TimeSpan Period => TimeSpan.FromMinutes(1) / Math.Max(1, perMinute);

    /// <summary>Counts one; null if it may happen, else how long to wait.</summary>
    internal TimeSpan? Count(TKey key)
    {
        using var lease = _limiter?.AttemptAcquire(key);
        return lease is null or { IsAcquired: true } ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }

    /// <summary>How many more may happen now; counts nothing.</summary>
    internal long Available(TKey key) => _limiter?.GetStatistics(key)?.CurrentAvailablePermits ?? long.MaxValue;

    public void Dispose() => _limiter?.Dispose();
}
