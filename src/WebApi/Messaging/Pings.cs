namespace Im.WebApi.Messaging;

/// <summary>
/// Visits the connections to ping them, some every tick: one timer for all, and clients that answer about the same time are
/// read about the same time.
/// </summary>
internal sealed class Pings(Connections connections, KeepAlive.Rhythm rhythm, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var ticks = new PeriodicTimer(rhythm.Visits / Connections.Slots, clock);
            for (var slot = 0; await ticks.WaitForNextTickAsync(stoppingToken); slot = (slot + 1) % Connections.Slots)
            {
                foreach (var connection in connections.Of(slot))
                {
                    connection.Ping();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the sockets say goodbye themselves.
        }
    }
}
