using System.Net.WebSockets;
using Im.WebApi.Telemetry;

namespace Im.WebApi.Messaging;

/// <summary>
/// The node's goodbye: no new upgrades from the moment the host is told to stop; every socket closes with 1001 once its frames
/// under way are answered, spread over some seconds, so that not all clients come back in the same one.
/// </summary>
internal sealed class Drain(Connections connections, TimeProvider clock) : IDisposable
{
    /// <summary>From the beginning to the end of the drain; what is still open then is aborted.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(9);

    /// <summary>The longest spread.</summary>
    private static readonly TimeSpan MaxSpread = TimeSpan.FromSeconds(5);

    /// <summary>Connections that may be told to go within one second without a storm.</summary>
    private const double PerSecond = 100;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _begun = new();
    private int _hasBegun;

    public bool HasBegun => Volatile.Read(ref _hasBegun) == 1;

    /// <summary>Cancelled when the drain begins.</summary>
    public CancellationToken Begun => _begun.Token;

    /// <summary>Begins the drain; returns at once.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) == 0)
        {
            NodeMetrics.DrainBegan();
            _begun.Cancel();
            _ = RunAsync();
        }
    }

    public void Dispose() => _begun.Dispose();

    /// <summary>Waits until no socket is left; bounded by the drain's own end, which aborts what is.</summary>
    public async Task WhenGoneAsync(CancellationToken cancellationToken)
    {
        while (!connections.AreNone())
        {
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    private async Task RunAsync()
    {
        var begun = clock.GetTimestamp();
        var open = connections.All();
        var spread = TimeSpan.FromSeconds(Math.Min(open.Length / PerSecond, MaxSpread.TotalSeconds));
        for (var i = 0; i < open.Length; i++)
        {
            var due = (spread * i / open.Length) - clock.GetElapsedTime(begun);
            if (due > TimeSpan.FromMilliseconds(10))
            {
                await Task.Delay(due, clock);
            }

            open[i].Close(WebSocketCloseStatus.EndpointUnavailable);
        }

        var left = Deadline - clock.GetElapsedTime(begun);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        var stayed = connections.All();
        NodeMetrics.DrainAborted(stayed.Length);
        Array.ForEach(stayed, connection => connection.Abort());
    }
}
