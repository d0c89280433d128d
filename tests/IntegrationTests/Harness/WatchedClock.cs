using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Im.IntegrationTests.Harness;

/// <summary>A clock that a test moves, which knows who waits: to move it before somebody has begun to wait would be to no avail.</summary>
internal sealed class WatchedClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly ConcurrentDictionary<Watched, TimeSpan> _waiting = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var watched = new Watched(this, base.CreateTimer(callback, state, dueTime, period));
        _waiting[watched] = dueTime;
        return watched;
    }

    /// <summary>Moves by so much as soon as somebody waits for just so long.</summary>
    public async Task AdvanceWhoWaitsAsync(TimeSpan time)
    {
        await Eventually.HoldsAsync($"somebody waits for {time}", () => _waiting.Values.Contains(time));
        Advance(time);
    }

    private sealed class Watched(WatchedClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            clock._waiting.TryRemove(this, out _);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            clock._waiting.TryRemove(this, out _);
            return timer.DisposeAsync();
        }
    }
}
