using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Im.IntegrationTests.Harness;

/// <summary>Keeps a node between its drain and the end of its listening, for a test that asks it something meanwhile: by itself it stays there for a moment only.</summary>
internal sealed class HeldStop : IHostedLifecycleService
{
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Registers it before all others: services stop in the reverse order.</summary>
    public void AddTo(IServiceCollection services) => services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(this));

    /// <summary>Tells the node to stop; it stays where it is until what is returned is disposed.</summary>
    public async Task<IAsyncDisposable> BeginAsync(TestNode node)
    {
        var stopping = node.StopAsync(TestContext.Current.CancellationToken);
        await _isHeld.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        return new End(this, stopping);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isHeld.TrySetResult();
        await _mayEnd.Task;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed class End(HeldStop held, Task stopping) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            held._mayEnd.TrySetResult();

            // Held for longer than a host stops, it says so; the test has asked all that it wanted.
            await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
