using System.Buffers;

namespace Im.WebApi.Messaging;

/// <summary>
/// What a websocket writes to. Corked, it collects frames; uncorked, they go out as one write: frames that are due together
/// cost the transport once. What has arrived is read from the transport in one go as well. Holds a buffer only while it has
/// something in it.
/// </summary>
/// <remarks>
/// The platform writes pings and pongs by itself, beside the connection's own writer. Each of its writes is one whole frame,
/// so frames stay whole whichever comes first.
/// </remarks>
internal sealed class CorkedStream(Stream transport) : Stream
{
    private const int FirstBuffer = 1024;

    private const int ReadBuffer = 4096;

    private readonly Lock _lock = new();
    private byte[]? _buffer;
    private int _length;
    private bool _isCorked;
    private bool _isWriting;
    private TaskCompletionSource? _written;
    private byte[]? _arrived;
    private int _arrivedFrom;
    private int _arrivedTo;

    /// <summary>Bytes that wait here.</summary>
    public int Collected => _length;

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

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            Collect(buffer.Span);
            if (_isCorked)
            {
                return default;
            }
        }

        return WriteCollectedAsync();
    }

    /// <inheritdoc/>
    /// <remarks>The websocket asks for a header, then for what belongs to it; small reads are answered from what came together.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_arrived is not null)
        {
            return new ValueTask<int>(TakeArrived(buffer.Span));
        }

        // A read without a buffer is how an idle socket waits.
        return buffer.Length is 0 or >= ReadBuffer ? transport.ReadAsync(buffer, cancellationToken) : ReadAheadAsync(buffer, cancellationToken);
    }

    /// <summary>Nothing: a write has reached the transport when it completes.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            transport.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAheadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var arrived = ArrayPool<byte>.Shared.Rent(ReadBuffer);
        var count = await transport.ReadAsync(arrived, cancellationToken);
        (_arrived, _arrivedFrom, _arrivedTo) = (arrived, 0, count);
        return TakeArrived(buffer.Span);
    }

    private int TakeArrived(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _arrivedTo - _arrivedFrom);
        _arrived.AsSpan(_arrivedFrom, count).CopyTo(buffer);
        _arrivedFrom += count;
        if (_arrivedFrom == _arrivedTo)
        {
            ArrayPool<byte>.Shared.Return(_arrived!);
            _arrived = null;
        }

        return count;
    }

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

    private ValueTask WriteCollectedAsync()
    {
        lock (_lock)
        {
            if (_isWriting)
            {
                // Who writes takes it along; this one only waits for it.
                _written ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return new ValueTask(_written.Task);
            }

            _isWriting = true;
        }

        return WriteAllAsync();
    }

    private async ValueTask WriteAllAsync()
    {
        try
        {
            while (Take(out var length) is { } buffer)
            {
                await transport.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None);
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
