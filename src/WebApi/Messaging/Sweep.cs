using Im.Application.Messaging;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>
/// Touches every connection once in <see cref="Interval"/>, some every tick: that renews the sessions' lives and repairs
/// whatever no publication told. When the store's connection is back, all are touched at once, over one second.
/// </summary>
internal sealed class Sweep(Connections connections, ISessionRepository sessions, RevocationWatch revocations, ISessionEvents events, TimeProvider clock) : BackgroundService
{
    /// <summary>How often a connection is touched; less than a quarter of the shortest session life.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Connections touched by one call, which holds the store for less than a millisecond.</summary>
    private const int Together = 64;

    /// <summary>Between two slots when everything is touched at once.</summary>
    private static readonly TimeSpan HurriedTick = TimeSpan.FromMilliseconds(10);

    private int _restored;

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
        if (Interlocked.Increment(ref _restored) == 1)
        {
            _ = TouchAllAsync();
        }
    }

    /// <summary>Once more for whatever was restored meanwhile: the first connections touched may have been too early for it.</summary>
    private async Task TouchAllAsync()
    {
        int done;
        do
        {
            done = Volatile.Read(ref _restored);
            for (var slot = 0; slot < Connections.Slots; slot++)
            {
                Touch(slot);
                await Task.Delay(HurriedTick, clock);
            }
        }
        while (Interlocked.Add(ref _restored, -done) > 0);
    }

    private void Touch(int slot)
    {
        var visited = connections.Of(slot);
        if (visited.Length == 0 && connections.AreNone())
        {
            return;
        }

        // Not awaited one by one: the calls go out pipelined. Both of a pair in one of them, where they cost little more than one.
        foreach (var together in visited.Where(connection => connection.TryBeginTouch()).Chunk(Together))
        {
            _ = TouchAsync(together);
        }

        _ = revocations.LookAsync(visited);
    }

    private async Task TouchAsync(SocketConnection[] together)
    {
        IReadOnlyList<Result<SessionProgress>> touched;
        try
        {
            touched = await sessions.TouchAsync([.. together.Select(connection => connection.Attachment)], CancellationToken.None);
        }
        catch (Exception failure)
        {
            Array.ForEach(together, connection => connection.Fail(failure));
            touched = [.. together.Select(_ => (Result<SessionProgress>)Errors.StoreUnavailable)];
        }

        for (var i = 0; i < together.Length; i++)
        {
            _ = together[i].EndTouchAsync(touched[i]);
        }
    }
}
