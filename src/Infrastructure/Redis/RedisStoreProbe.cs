using Im.Application.Health;
using Im.Domain;

namespace Im.Infrastructure.Redis;

/// <summary>Readiness by a PING over the command connection, what the store says of its disk, and a look at a subscription of the node's own.</summary>
internal sealed class RedisStoreProbe(RedisConnection connection, RedisChannels channels, EphemeralCheck ephemeral, TimeProvider clock) : IStoreProbe, IAsyncDisposable
{
    private static readonly Error SubscriptionsDown = Errors.StoreUnavailable with { Message = "The subscriptions to the store are down." };

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IAsyncDisposable? _subscription;

    public async Task<Result<Done>> ProbeAsync(CancellationToken cancellationToken)
    {
        if (!await connection.PingAsync(cancellationToken))
        {
            return Errors.StoreUnavailable with { Message = "The store does not answer." };
        }

        if (ephemeral.Refusal is { } refusal)
        {
            return Errors.StoreUnavailable with { Message = refusal };
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_subscription is null)
            {
                var subscribed = await channels.SubscribeAsync(RedisKeys.ProbeChannel, static _ => { }, cancellationToken).WaitAsync(connection.Deadline, clock, cancellationToken);
                if (!subscribed.IsOk)
                {
                    return SubscriptionsDown;
                }

                _subscription = subscribed.Value;
            }
        }
        catch (TimeoutException)
        {
            return SubscriptionsDown;
        }
        finally
        {
            _gate.Release();
        }

        return connection.IsConnected(RedisKeys.ProbeChannel) ? default(Done) : SubscriptionsDown;
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        _gate.Dispose();
    }
}
