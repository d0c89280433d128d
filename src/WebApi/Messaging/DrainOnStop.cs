using Im.Application.KeyExchange;

namespace Im.WebApi.Messaging;

/// <summary>
/// Drains the node before the web server stops listening: until the last socket has gone, readiness is answered with "no" and
/// new upgrades with a refusal, not with a closed port.
/// </summary>
internal sealed class DrainOnStop(Drain drain, KeyWaits waits) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        waits.Drain();
        drain.Begin();
        await drain.WhenGoneAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
