using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;

namespace Im.Peers;

/// <summary>The least a relay can do over the same sockets: what one side sends goes to the other side's socket, or nowhere. One process, no store.</summary>
internal sealed class BareRelay
{
    // Longer frames than the load sends are no business of this one.
    private const int LongestFrame = 64 * 1024;

    private readonly ConcurrentDictionary<long, WebSocket> _sockets = new();

    public async Task ServeAsync(HttpContext context)
    {
        var user = long.Parse(context.User.FindFirst("id")!.Value, CultureInfo.InvariantCulture);
        var peer = long.Parse(context.Request.Query["to_user_id"].ToString(), CultureInfo.InvariantCulture);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            // As the service pings, so that idle sockets cost both the same.
            KeepAliveInterval = TimeSpan.FromSeconds(15),
            KeepAliveTimeout = TimeSpan.FromSeconds(15),
        });
        _sockets[user] = socket;
        try
        {
            // The upgrade was answered before the socket could be found by the peer's.
            await SendAsync(socket, "{\"type\":\"ready\"}"u8.ToArray(), context.RequestAborted);
            await RelayAsync(socket, peer, context.RequestAborted);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The client dropped the connection.
        }
        finally
        {
            _sockets.TryRemove(new(user, socket));
        }
    }

    private async Task RelayAsync(WebSocket socket, long peer, CancellationToken cancellationToken)
    {
        byte[] buffer = [];
        while (true)
        {
            // Nothing is held for a socket that says nothing.
            await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
            buffer = buffer.Length == 0 ? new byte[4096] : buffer;
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(LongestFrame, 2 * length));
                }

                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += part.Count;
            }
            while (!part.EndOfMessage && length < LongestFrame);
            if (part.MessageType == WebSocketMessageType.Close || !part.EndOfMessage)
            {
                return;
            }

            if (_sockets.TryGetValue(peer, out var other))
            {
                await SendAsync(other, buffer.AsMemory(0, length), cancellationToken);
            }
        }
    }

    private static async Task SendAsync(WebSocket other, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        try
        {
            await other.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException)
        {
            // The peer is gone, and with it the message: that is all a bare relay promises.
        }
    }
}
