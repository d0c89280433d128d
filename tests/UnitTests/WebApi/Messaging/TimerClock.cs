using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>A clock for services that tick: it is not moved before they have begun to look at it.</summary>
internal sealed class TimerClock : FakeTimeProvider
{
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _looked.TrySetResult();
        return timer;
    }

    /// <summary>Starts the service and returns when it has its timer.</summary>
    public async Task StartAsync(IHostedService service, TimeSpan limit)
    {
        await service.StartAsync(TestContext.Current.CancellationToken);
        await _looked.Task.WaitAsync(limit, TestContext.Current.CancellationToken);
    }
}
