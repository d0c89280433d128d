using System.Buffers;
using System.Runtime.CompilerServices;

namespace Im.WebApi.Messaging;

/// <summary>
/// What a websocket writes to. Corked, it collects frames; uncorked, they go out as one write: frames that are due together
/// cost the transport once. What has arrived is read from the transport in one go as well, see <see cref="Messaging.Arrivals"/>.
/// Holds a buffer only while it has something in it.
/// </summary>
/// <remarks>
/// Pings, and the pongs that the platform writes by itself, come beside the connection's own writer. Each write is one whole
/// frame, so frames stay whole whichever comes first.
/// </remarks>
internal sealed class CorkedStream(Stream transport) : DuplexStream(transport)
{
    private const int FirstBuffer = 1024;

    /// <summary>What a close frame begins with: final, opcode 8 (RFC 6455, section 5.5.1).</summary>
    private const byte CloseFrame = 0x88;

    /// <summary>A final frame with opcode 9 and nothing in it (RFC 6455, section 5.5.2).</summary>
    private static ReadOnlySpan<byte> EmptyPing => [0x89, 0x00];

    private readonly Lock _lock = new();
    private byte[]? _buffer;
    private int _length;
    private bool _isCorked;
    private bool _isWriting;
    private TaskCompletionSource? _written;
    private bool _isSilent;
    private ushort _closeCode;

    /// <summary>Bytes that wait here.</summary>
    public int Collected => _length;

    /// <summary>The code of the first close frame that was written here, 0 before; what the platform closes by itself, it tells nobody.</summary>
    public int CloseCode => _closeCode;

    /// <summary>What comes from the client.</summary>
    public Arrivals Arrivals { get; } = new(transport);

    /// <summary>From now on frames are collected.</summary>
    public void Cork()
    {
        lock (_lock)
        {
            _isCorked = true;
        }
    }

    /// <summary>Writes what was collected; completes when the transport has taken it.</summary>
    public ValueTask UncorkAsync()
    {
        lock (_lock)
        {
            _isCorked = false;
        }

        return WriteCollectedAsync();
    }

    /// <summary>
    /// Writes a ping, in its turn among the frames, and does not wait for it: whether it arrives, its answer tells. Costs no
    /// memory where the transport takes it at once.
    /// </summary>
    public void Ping()
    {
        lock (_lock)
        {
            if (_isSilent)
            {
                return;
            }

            Collect(EmptyPing);
            if (_isCorked || _isWriting)
            {
                return;
            }

            _isWriting = true;
        }

        var writing = WriteAllAsync();
        if (!writing.IsCompletedSuccessfully)
        {
            _ = ForgetAsync(writing.AsTask());
        }
    }

    /// <summary>From now on there are no pings: a close frame is the last one, and behind the request the transport is another's.</summary>
    /// <returns>Completes when no write is under way any more, also if that failed.</returns>
    public Task SilenceAsync()
    {
        Task written;
        lock (_lock)
        {
            _isSilent = true;
            if (!_isWriting)
            {
                return Task.CompletedTask;
            }

            written = Written();
        }

        return ForgetAsync(written);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var frame = buffer.Span;
            if (_closeCode is 0 && frame is [CloseFrame, _, var high, var low, ..])
            {
                _closeCode = (ushort)((high << 8) | low);
            }

            Collect(frame);
            if (_isCorked)
            {
                return default;
            }
        }

        return WriteCollectedAsync();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Arrivals.ReadAsync(buffer, cancellationToken);

    private void Collect(ReadOnlySpan<byte> bytes)
    {
        if (_buffer is null || _buffer.Length < _length + bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, Math.Max(2 * _length, _length + bytes.Length)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Completes when whoever writes has written everything. The lock is held.</summary>
    private Task Written() => (_written ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>A transport that fails, fails the reader too, which says so.</summary>
    private static async Task ForgetAsync(Task writing) => await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private ValueTask WriteCollectedAsync()
    {
        lock (_lock)
        {
            if (_isWriting)
            {
                // Who writes takes it along; this one only waits for it.
                return new ValueTask(Written());
            }

            _isWriting = true;
        }

        return WriteAllAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAllAsync()
    {
        try
        {
            while (Take(out var length) is { } buffer)
            {
                await Transport.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch (Exception failure)
        {
            // Not returned to the pool: the transport may still be reading it.
            Finish()?.TrySetException(failure);
            throw;
        }
    }

    /// <summary>What there is to write; null: nothing, and nobody writes any more. One step, so that nothing collected meanwhile is left lying.</summary>
    private byte[]? Take(out int length)
    {
        TaskCompletionSource? written;
        lock (_lock)
        {
            length = _length;
            if (length > 0 && !_isCorked)
            {
                var buffer = _buffer;
                (_buffer, _length) = (null, 0);
                return buffer;
            }

            written = Finish();
        }

        written?.TrySetResult();
        return null;
    }

    private TaskCompletionSource? Finish()
    {
        lock (_lock)
        {
            _isWriting = false;
            var written = _written;
            _written = null;
            return written;
        }
    }
}
