using System.Buffers;
using System.Net.WebSockets;

namespace Im.WebApi.Messaging;

/// <summary>Writes frames to a socket, one at a time, each within a time limit: the platform itself would wait for a dead peer for many minutes.</summary>
internal sealed class FrameSender(WebSocket socket, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>Writes one text frame.</summary>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        // Most writes are done at once; only one that has to wait costs a timer.
        if (sending.IsCompletedSuccessfully)
        {
            await sending;
            return;
        }

        await sending.AsTask().WaitAsync(timeout, clock);
    }

    /// <summary>Writes a message, completed with its seq.</summary>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    public async ValueTask SendMessageAsync(ReadOnlyMemory<byte> body, long seq)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(body.Length + FrameWriter.SeqLength);
        var length = FrameWriter.Message(body.Span, seq, buffer);
        await SendAsync(buffer.AsMemory(0, length));

        // Not in a finally: after a time-out the socket may still be reading the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes the close frame.</summary>
    public Task CloseAsync(WebSocketCloseStatus code) =>
        socket.State is WebSocketState.Open or WebSocketState.CloseReceived
            ? socket.CloseOutputAsync(code, null, CancellationToken.None).WaitAsync(timeout, clock)
            : Task.CompletedTask;
}
