using System.Threading.RateLimiting;

namespace Im.WebApi.Limits;

/// <summary>How often something may happen in a minute, per key. Keys at rest are forgotten by the limiter, so the memory is that of the last minute.</summary>
internal sealed class MinuteLimit<TKey>(int perMinute) : IDisposable
    where TKey : notnull
{
    // A bucket: the minute's number at once, then evenly, and the wait it names is short.
    private readonly PartitionedRateLimiter<TKey> _limiter = PartitionedRateLimiter.Create<TKey, TKey>(key => perMinute == 0
        ? RateLimitPartition.GetNoLimiter(key)
        : RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = 0,
        }));

    /// <summary>Counts one; null if it may happen, else how long to wait.</summary>
    internal TimeSpan? Count(TKey key)
    {
        using var lease = _limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }

    /// <summary>Whether one more may happen; counts nothing.</summary>
    // Not an acquisition of zero: that succeeds on a fraction of a permit.
    internal bool Allows(TKey key) => _limiter.GetStatistics(key) is not { CurrentAvailablePermits: 0 };

    public void Dispose() => _limiter.Dispose();
}
