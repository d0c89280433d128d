using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client;

/// <summary>
/// A clock that goes on only while somebody waits for it. Turned without looking, it would run days ahead of a thread that
/// is kept from its work for a moment, and whatever has a limit would be over before it began.
/// </summary>
internal sealed class WaitedClock(DateTimeOffset now) : FakeTimeProvider(now)
{
    /// <summary>The limit of a call, for the options of a client: longer than any wait, by which it is known that nobody waits for it.</summary>
    public static readonly TimeSpan LimitOfCalls = TimeSpan.FromMinutes(10);

    private int _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime >= LimitOfCalls)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        var wait = new Wait(this);
        Interlocked.Increment(ref _waits);
        wait.Timer = base.CreateTimer(
            called =>
            {
                callback(called);
                wait.End();
            },
            state,
            dueTime,
            period);
        return wait;
    }

    /// <summary>Lets time pass in steps, while somebody waits, until the task is done.</summary>
    public async Task PassAsync(TimeSpan step, Task until)
    {
        while (!until.IsCompleted)
        {
            if (Volatile.Read(ref _waits) > 0)
            {
                Advance(step);
            }

            await Task.Yield();
        }
    }

    /// <summary>A timer that somebody waits for until it rings or is disposed.</summary>
    private sealed class Wait(WaitedClock clock) : ITimer
    {
        private int _isOver;

        public ITimer? Timer { get; set; }

        public void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref clock._waits);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Timer!.Change(dueTime, period);

        public void Dispose()
        {
            End();
            Timer?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return Timer?.DisposeAsync() ?? ValueTask.CompletedTask;
        }
    }
}
