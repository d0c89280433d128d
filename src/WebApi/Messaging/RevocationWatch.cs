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

    private readonly Queue<Revocation> _recent = new();

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

    /// <summary>Asks the store for revocations that no publication told.</summary>
    public async Task LookAsync(SocketConnection[] together)
    {
        try
        {
            var found = await revocations.FindAsync([.. together.Select(connection => connection.User).Distinct()], CancellationToken.None);
            if (found.IsOk)
            {
                Array.ForEach(together, connection => End(connection, found.Value));
            }
        }
        catch (Exception failure)
        {
            Array.ForEach(together, connection => connection.Fail(failure));
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
