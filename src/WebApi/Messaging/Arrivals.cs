using System.Buffers;
using System.Runtime.CompilerServices;

namespace Im.WebApi.Messaging;

/// <summary>
/// What arrives from a client: read from the transport in one go, however small the pieces that are asked for, and noticed,
/// since whoever says anything is alive. Holds a buffer only while it has something in it. One reader.
/// </summary>
internal sealed class Arrivals(Stream transport)
{
    private const int BufferSize = 4096;

    /// <summary>Bytes that are read at one go, however many there are.</summary>
    private const int Turn = 16 * 1024;

    private byte[]? _buffer;
    private int _inTurn;
    private int _from;
    private int _to;
    private volatile bool _isAwaited;
    private volatile bool _isHeard;

    /// <summary>Whether the reader waits for the client, and not the client for the reader.</summary>
    public bool IsAwaited => _isAwaited;

    /// <summary>Whether anything has come since the last time this was asked.</summary>
    public bool TakeHeard()
    {
        var heard = _isHeard;
        if (heard)
        {
            _isHeard = false;
        }

        return heard;
    }

    /// <summary>The websocket asks for a header, then for what belongs to it; small reads are answered from what came together.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_buffer is not null)
        {
            return new ValueTask<int>(Take(buffer.Span));
        }

        _isAwaited = true;

        // A read without a buffer is how an idle socket waits; when it is over, one with a buffer follows.
        return buffer.Length is 0 ? transport.ReadAsync(buffer, cancellationToken)
            : buffer.Length >= BufferSize ? ReadPastAsync(buffer, cancellationToken)
            : ReadAheadAsync(buffer, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadPastAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (IsTurnOver())
        {
            await Task.Yield();
        }

        var count = await transport.ReadAsync(buffer, cancellationToken);
        Hear(count);
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAheadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (IsTurnOver())
        {
            await Task.Yield();
        }

        var arrived = ArrayPool<byte>.Shared.Rent(BufferSize);
        var count = await transport.ReadAsync(arrived, cancellationToken);
        Hear(count);
        (_buffer, _from, _to) = (arrived, 0, count);
        return Take(buffer.Span);
    }

    private void Hear(int count)
    {
        _isHeard = true;
        _isAwaited = false;
        _inTurn += count;
    }

    // A client that always has more to say would else keep the thread that watches its socket, and with it all sockets that
    // are watched there. Behind everybody else in the pool's queue it may go on.
    private bool IsTurnOver()
    {
        if (_inTurn < Turn)
        {
            return false;
        }

        _inTurn = 0;
        return true;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _to - _from);
        _buffer.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        if (_from == _to)
        {
            ArrayPool<byte>.Shared.Return(_buffer!);
            _buffer = null;
        }

        return count;
    }
}
