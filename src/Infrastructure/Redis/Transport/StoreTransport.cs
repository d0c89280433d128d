using System.Net.Sockets;
using RESPite.Transports;

namespace Im.Infrastructure.Redis.Transport;

/// <summary>
/// One connection to the store, with a thread of its own that reads. A caller's command is written where it is called, and
/// what waited for a reply goes on where the reply was read (<see cref="ReplyContext"/>): on the way through the store no
/// thread has to be woken but this one.
/// </summary>
/// <remarks>
/// While a command is under way, later ones wait and go together with the next write, when a reply has come: nothing waits on
/// an idle connection, and on a busy one many commands share a write, a read, and a turn of the store.
/// </remarks>
internal sealed class StoreTransport(Socket socket, string name, PublicationTargets? targets) : DuplexTransport
{
    /// <summary>Bytes that may wait for the store at most; beyond, the connection is given up: the store takes nothing.</summary>
    private const int MaxWaiting = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _arrived = new byte[64 * 1024];

    /// <summary>What is being written by a caller, who holds the library's lock for that.</summary>
    private ByteBuffer _staged = new();

    /// <summary>Whole commands that wait for their write.</summary>
    private ByteBuffer _waiting = new();

    /// <summary>What is being sent.</summary>
    private ByteBuffer _sending = new();

    private int _sent;
    private bool _isSending;
    private bool _isCollecting;
    private bool _isUnanswered;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _staged.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override void Advance(int count) => _staged.Advance(count);

    /// <inheritdoc/>
    /// <exception cref="IOException">The store takes nothing.</exception>
    public override bool Flush()
    {
        lock (_lock)
        {
            _waiting.Take(ref _staged);
            if (_waiting.Length > MaxWaiting)
            {
                // Nothing is kept for who calls after this, and the reader says that it is over.
                _waiting.Clear();
                Close();
                throw new IOException("The store takes nothing.");
            }

            if (_isUnanswered || _isCollecting || !TryBeginSending())
            {
                // Not false, which would say that the connection is closed.
                return true;
            }
        }

        Send();
        return true;
    }

    /// <inheritdoc/>
    public override void Start(TransportReceiver receiver)
    {
        socket.Blocking = false;
        new Thread(() => Read(receiver)) { IsBackground = true, Name = name }.Start();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    private void Close()
    {
        // The reader waits for bytes; the shutdown wakes it.
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    private void Read(TransportReceiver receiver)
    {
        var tap = targets is null ? null : new PublicationTap(receiver, targets);
        Exception? fault = null;
        try
        {
            while (TryReceive(out var count) && Pass(receiver, tap, _arrived.AsSpan(0, count)))
            {
                // First what waited for this reply to be written, so that the store has work meanwhile.
                Answered(collect: true);
                tap?.Deliver();
                ReplyContext.Run();
                Answered(collect: false);
                receiver.OnBatchEnd();
            }
        }
        catch (Exception failure)
        {
            fault = failure is ObjectDisposedException ? null : failure;
        }

        Close();
        receiver.OnClosed(fault);
        ReplyContext.End();
    }

    private static bool Pass(TransportReceiver receiver, PublicationTap? tap, ReadOnlySpan<byte> bytes) =>
        tap?.Receive(bytes) ?? receiver.OnReceived(bytes);

    private bool TryReceive(out int count)
    {
        while (true)
        {
            count = socket.Receive(_arrived, SocketFlags.None, out var error);
            if (error is SocketError.Success)
            {
                return count > 0;
            }

            if (error is not SocketError.WouldBlock)
            {
                throw new SocketException((int)error);
            }

            socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
        }
    }

    /// <summary>A reply is here: what waited is written.</summary>
    /// <param name="collect">Whether what is called from now on waits for the next one.</param>
    private void Answered(bool collect)
    {
        lock (_lock)
        {
            _isUnanswered &= !collect;
            _isCollecting = collect;
            if (_isUnanswered || !TryBeginSending())
            {
                return;
            }
        }

        Send();
    }

    /// <summary>The lock is held. True: the caller sends.</summary>
    private bool TryBeginSending()
    {
        if (_isSending || _waiting.Length == 0)
        {
            return false;
        }

        (_sending, _waiting) = (_waiting, _sending);
        _isSending = _isUnanswered = true;
        return true;
    }

    private void Send()
    {
        do
        {
            while (_sent < _sending.Length)
            {
                var count = socket.Send(_sending.Written.Span[_sent..], SocketFlags.None, out var error);
                if (error is SocketError.WouldBlock)
                {
                    WaitAndSend();
                    return;
                }

                if (error is not SocketError.Success)
                {
                    throw new SocketException((int)error);
                }

                _sent += count;
            }
        }
        while (TryGoOnSending());
    }

    /// <summary>What was sent is done with. True: its reply came before this was known, and what waited for that goes now.</summary>
    private bool TryGoOnSending()
    {
        lock (_lock)
        {
            _sending.Clear();
            _sent = 0;
            _isSending = false;
            return !_isUnanswered && !_isCollecting && TryBeginSending();
        }
    }

    /// <summary>The store does not read at the moment. Nobody who calls may wait for it; a thread of its own does.</summary>
    private void WaitAndSend() => new Thread(() =>
    {
        try
        {
            socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectWrite);
            Send();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The reader meets the same, and says so.
            Close();
        }
    })
    { IsBackground = true, Name = $"{name} full" }.Start();
}
