using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>
/// Touches every connection once in <see cref="Interval"/>, some every tick: that renews the sessions' lives and repairs
/// whatever no publication told. When the store's connection is back, all are touched at once, over one second.
/// </summary>
internal sealed class Sweep(Connections connections, ISessionEvents events, TimeProvider clock) : BackgroundService
{
    /// <summary>How often a connection is touched; less than a quarter of the shortest session life.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Between two slots when everything is touched at once.</summary>
    private static readonly TimeSpan HurriedTick = TimeSpan.FromMilliseconds(10);

    private int _isHurrying;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        events.Restored += Hurry;
        try
        {
            using var ticks = new PeriodicTimer(Interval / Connections.Slots, clock);
            for (var slot = 0; await ticks.WaitForNextTickAsync(stoppingToken); slot = (slot + 1) % Connections.Slots)
            {
                Touch(slot);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the sockets say goodbye themselves.
        }
        finally
        {
            events.Restored -= Hurry;
        }
    }

    private void Hurry()
    {
        if (Interlocked.Exchange(ref _isHurrying, 1) == 0)
        {
            _ = TouchAllAsync();
        }
    }

    private async Task TouchAllAsync()
    {
        for (var slot = 0; slot < Connections.Slots; slot++)
        {
            Touch(slot);
            await Task.Delay(HurriedTick, clock);
        }

        Volatile.Write(ref _isHurrying, 0);
    }

    private void Touch(int slot)
    {
        // Not awaited one by one: the calls go out pipelined.
        foreach (var connection in connections.Of(slot))
        {
            _ = connection.TouchAsync();
        }
    }
}
