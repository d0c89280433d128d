namespace Im.Infrastructure;

/// <summary>A step that is done again and again while the host runs.</summary>
internal static class Periodically
{
    /// <summary>Does the step after every interval, one at a time, until the host stops.</summary>
    public static async Task RunAsync(TimeSpan interval, TimeProvider clock, Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        try
        {
            using var ticks = new PeriodicTimer(interval, clock);
            while (await ticks.WaitForNextTickAsync(stoppingToken))
            {
                await step(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
