using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace Im.WebApi.Messaging;

/// <summary>
/// Writes frames to a socket: those that are due together as one write, and each write within a time limit, since the platform
/// itself would wait for a dead peer for many minutes.
/// </summary>
internal sealed class FrameSender(WebSocket socket, CorkedStream stream, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>Bytes collected before they are written, however much more is due.</summary>
    private const int EnoughBytes = 16 * 1024;

    /// <summary>Whether so much is collected that it is to be written first.</summary>
    public bool IsFull => stream.Collected >= EnoughBytes;

    /// <summary>From now on frames are collected, until <see cref="FlushAsync"/>.</summary>
    public void Collect() => stream.Cork();

    /// <summary>Writes what was collected.</summary>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    public ValueTask FlushAsync() => WithinTimeAsync(stream.UncorkAsync());

    /// <summary>Adds one text frame.</summary>
    public ValueTask AddAsync(ReadOnlyMemory<byte> frame) =>
        WithinTimeAsync(socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None));

    /// <summary>Adds a message, completed with its seq.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AddMessageAsync(ReadOnlyMemory<byte> body, long seq)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(body.Length + FrameWriter.SeqLength);
        var length = FrameWriter.Message(body.Span, seq, buffer);
        await AddAsync(buffer.AsMemory(0, length));

        // Not in a finally: after a time-out the socket may still be reading the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes what was collected, and the close frame.</summary>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    public async Task CloseAsync(WebSocketCloseStatus code)
    {
        // Not waited for: the close frame waits for what is under way, and for that there is a time limit.
        _ = stream.SilenceAsync();
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(code, null, CancellationToken.None).WaitAsync(timeout, clock);
        }

        await FlushAsync();
    }

    /// <summary>Most writes are done at once; only one that has to wait costs a timer.</summary>
    private ValueTask WithinTimeAsync(ValueTask writing) =>
        writing.IsCompletedSuccessfully ? writing : new ValueTask(writing.AsTask().WaitAsync(timeout, clock));
}
