using System.Net.WebSockets;
using Im.WebApi.Limits;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary><c>GET /ws?id=X</c>: says hello every two seconds until the client closes. Needs no token, touches no store.</summary>
internal sealed class ConnectionTest(TimeProvider clock, Connections connections, UpgradeRate upgrades, SocketServices services, Drain drain)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly byte[] Hello = [.. "hello, WebSocket"u8];

    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await context.Response.WriteAsync(WireRefusals.UpgradeRequired);
            return;
        }

        // Without a token anyone may come: these count against the node's bounds like all others.
        if (upgrades.Take() is { } away)
        {
            NodeMetrics.RateLimited("connections");
            await context.Response.WriteAsync(WireRefusals.StoreUnavailable, away);
            return;
        }

        if (drain.HasBegun || !connections.TryEnter(services.Limits.MaxConnections))
        {
            await context.Response.WriteAsync(WireRefusals.StoreUnavailable, TimeSpan.FromSeconds(5));
            return;
        }

        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await TalkAsync(new FrameSender(socket, CorkedUpgrade.StreamOf(context), services.Options.SendTimeout, clock), socket, context.RequestAborted);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or TimeoutException)
        {
            context.Abort();
        }
        finally
        {
            connections.Leave();
        }
    }

    private async Task TalkAsync(FrameSender writer, WebSocket socket, CancellationToken aborted)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(aborted, drain.Begun);
        var closed = ReadUntilClosedAsync(socket, aborted);
        using var ticks = new PeriodicTimer(Interval, clock);
        do
        {
            await writer.AddAsync(Hello);
        }
        while (await TickAsync(ticks, closed, ends.Token));

        await writer.CloseAsync(closed.IsCompleted ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.EndpointUnavailable);
        await closed.WaitAsync(Interval, clock, aborted);
    }

    /// <summary>Waits for the next tick; false: the client closed or the node stops.</summary>
    private static async Task<bool> TickAsync(PeriodicTimer ticks, Task closed, CancellationToken ends)
    {
        var tick = ticks.WaitForNextTickAsync(ends).AsTask();
        await Task.WhenAny(tick, closed);
        return tick.IsCompletedSuccessfully && !closed.IsCompleted;
    }

    private static async Task ReadUntilClosedAsync(WebSocket socket, CancellationToken aborted)
    {
        var buffer = new byte[256];
        while ((await socket.ReceiveAsync(buffer, aborted)).MessageType is not WebSocketMessageType.Close)
        {
        }
    }
}
