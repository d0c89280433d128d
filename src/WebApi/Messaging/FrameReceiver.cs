using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Im.WebApi.Messaging;

/// <summary>
/// Reads whole messages from a socket. An idle socket waits in a read without a buffer; one is rented only when bytes have
/// come, and grows with the message up to its limit.
/// </summary>
internal sealed class FrameReceiver(WebSocket socket, int maxBytes)
{
    private const int FirstBuffer = 4096;

    private bool _isDiscarding;

    /// <summary>What arrived.</summary>
    public enum Kind
    {
        /// <summary>A text message, whole.</summary>
        Text,

        /// <summary>A binary message; the rest of it is discarded.</summary>
        Binary,

        /// <summary>A message beyond the limit; the rest of it is discarded.</summary>
        TooLong,

        /// <summary>A message that says it is text and is no UTF-8.</summary>
        NoText,

        /// <summary>The client's close frame.</summary>
        Closed,
    }

    /// <summary>Waits for the next message.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var waiting = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
            if (waiting.MessageType is WebSocketMessageType.Close)
            {
                return new Received(Kind.Closed, null, 0);
            }

            // Nothing more will come of an empty message, or of an empty last part of one that is discarded.
            if (waiting.EndOfMessage)
            {
                if (_isDiscarding)
                {
                    _isDiscarding = false;
                    continue;
                }

                return new Received(waiting.MessageType is WebSocketMessageType.Binary ? Kind.Binary : Kind.Text, [], 0);
            }

            var received = await ReadAsync(cancellationToken);
            if (received is not null)
            {
                return received.Value;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Received?> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var length = 0;
        var handedOver = false;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType is WebSocketMessageType.Close)
                {
                    return new Received(Kind.Closed, null, 0);
                }

                if (_isDiscarding)
                {
                    _isDiscarding = !part.EndOfMessage;
                    return null;
                }

                length += part.Count;
                if (part.MessageType is WebSocketMessageType.Binary || length > maxBytes)
                {
                    _isDiscarding = !part.EndOfMessage;
                    return new Received(part.MessageType is WebSocketMessageType.Binary ? Kind.Binary : Kind.TooLong, null, 0);
                }

                if (part.EndOfMessage)
                {
                    // The platform judges text as it comes, but not where it ends if the last part is empty, and then takes
                    // what is open for the beginning of the next message.
                    if (!Utf8.IsValid(buffer.AsSpan(0, length)))
                    {
                        return new Received(Kind.NoText, null, 0);
                    }

                    handedOver = true;
                    return new Received(Kind.Text, buffer, length);
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }
            }
        }
        finally
        {
            if (!handedOver)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>One byte beyond the limit is enough to see that a message exceeds it.</summary>
    private byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(2 * length, Math.Max(maxBytes, length) + 1));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>What arrived; to be disposed when it has been handled, its text is then gone.</summary>
    public readonly struct Received(Kind type, byte[]? buffer, int length) : IDisposable
    {
        public Kind Type { get; } = type;

        public ReadOnlyMemory<byte> Text => buffer.AsMemory(0, length);

        public void Dispose()
        {
            if (buffer is { Length: > 0 })
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
