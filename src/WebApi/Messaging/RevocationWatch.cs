using Im.Application.Accounts;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>
/// Ends the sockets of users whose tokens were revoked: those that are open when it is told, and those that were just being
/// opened. What was not told, the sweep finds.
/// </summary>
internal sealed class RevocationWatch(IRevocations revocations, Connections connections, TimeProvider clock) : BackgroundService
{
    /// <summary>Revocations that are remembered for sockets that are being opened. More within the moment that takes: the sweep finds them.</summary>
    private const int Remembered = 256;

    /// <summary>Between two attempts to listen.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often the store is asked whether there was any: not at every tick, a slow line to the store has better to do.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    /// <summary>Users asked for by one call.</summary>
    private const int Together = 64;

    private readonly Queue<Revocation> _recent = new();
    private readonly Lock _lock = new();
    private string? _lastSeen;
    private long _askedAt;
    private long _lookUntil;

    /// <summary>A connection was added: its token may have been revoked after it was checked and before it could be found.</summary>
    public void Look(SocketConnection connection)
    {
        Revocation[] recent;
        lock (_recent)
        {
            if (_recent.Count == 0)
            {
                return;
            }

            recent = [.. _recent];
        }

        End(connection, recent);
    }

    /// <summary>
    /// Asks the store for revocations that no publication told: whether there was any, and then, for two rounds of the sweep, for
    /// those of these users. Two, because a connection may be added behind the first that was checked before the revocation.
    /// </summary>
    public async Task LookAsync(SocketConnection[] visited)
    {
        try
        {
            if (await IsLookDueAsync())
            {
                foreach (var together in visited.Chunk(Together))
                {
                    await FindAsync(together);
                }
            }
        }
        catch (Exception failure)
        {
            Array.ForEach(visited, connection => connection.Fail(failure));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Result<IAsyncDisposable> subscribed;
            while (!(subscribed = await revocations.SubscribeAsync(Hear, stoppingToken)).IsOk)
            {
                await Task.Delay(RetryInterval, clock, stoppingToken);
            }

            await using var subscription = subscribed.Value;
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<bool> IsLookDueAsync()
    {
        lock (_lock)
        {
            if (_askedAt != 0 && clock.GetElapsedTime(_askedAt) < AskInterval)
            {
                return clock.GetTimestamp() < _lookUntil;
            }

            _askedAt = clock.GetTimestamp();
        }

        var last = await revocations.LastAsync(CancellationToken.None);
        lock (_lock)
        {
            if (!last.IsOk)
            {
                _lastSeen = null;
                return false;
            }

            if (last.Value != _lastSeen)
            {
                _lastSeen = last.Value;
                _lookUntil = clock.GetTimestamp() + (long)(2 * Sweep.Interval.TotalSeconds * clock.TimestampFrequency);
            }

            return clock.GetTimestamp() < _lookUntil;
        }
    }

    private async Task FindAsync(SocketConnection[] together)
    {
        var found = await revocations.FindAsync([.. together.Select(connection => connection.User).Distinct()], CancellationToken.None);
        if (found.IsOk)
        {
            Array.ForEach(together, connection => End(connection, found.Value));
            return;
        }

        // Whatever was not answered is asked again.
        lock (_lock)
        {
            _lastSeen = null;
        }
    }

    private static void End(SocketConnection connection, IReadOnlyList<Revocation> revoked)
    {
        foreach (var revocation in revoked)
        {
            connection.Revoke(revocation);
        }
    }

    private void Hear(Revocation revocation)
    {
        // Remembered first: a connection that is added afterwards finds it, one before is found.
        lock (_recent)
        {
            if (_recent.Count == Remembered)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(revocation);
        }

        foreach (var connection in connections.All())
        {
            connection.Revoke(revocation);
        }
    }
}
