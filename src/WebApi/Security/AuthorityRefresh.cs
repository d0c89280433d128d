namespace Im.WebApi.Security;

/// <summary>
/// Reads the authority's keys when the node starts, and then again and again: a new one is known before its first token
/// comes, and one that was withdrawn is good no longer. A node starts without them, too, but is not ready then.
/// </summary>
internal sealed class AuthorityRefresh(AuthorityKeys keys, TimeProvider clock) : BackgroundService
{
    /// <summary>How long a key that the authority has withdrawn can still be good.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>After a read that failed while there are keys.</summary>
    public static readonly TimeSpan AwayInterval = TimeSpan.FromMinutes(1);

    /// <summary>While there are none.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Waited for, so that the first token finds them.
        await keys.ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var succeeded = keys.Present is not null; ; succeeded = await keys.ReadAsync(stoppingToken))
            {
                await Task.Delay(succeeded ? Interval : keys.Present is null ? RetryInterval : AwayInterval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
