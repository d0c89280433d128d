namespace Im.IntegrationTests.Client;

/// <summary>The system's clock, until it stands still: then no time passes, and no timer that is set runs out.</summary>
internal sealed class StoppableClock : TimeProvider
{
    private sealed record Moment(DateTimeOffset Now, long Timestamp);

    private volatile Moment? _stopped;

    public void Stop() => _stopped = new Moment(System.GetUtcNow(), System.GetTimestamp());

    public override DateTimeOffset GetUtcNow() => _stopped?.Now ?? System.GetUtcNow();

    public override long GetTimestamp() => _stopped?.Timestamp ?? System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _stopped is null ? System.CreateTimer(callback, state, dueTime, period) : System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
}
