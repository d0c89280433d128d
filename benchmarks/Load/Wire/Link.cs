using System.Net;
using System.Runtime.InteropServices;

namespace Im.Load.Wire;

/// <summary>One TCP connection of the load. A subclass reads what came and says how much of it was whole.</summary>
internal abstract class Link(Loop loop)
{
    private byte[] _rest = [];
    private int _restLength;
    private Output? _unsent;
    private int _descriptor = -1;
    private int _slot;
    private bool _connecting;

    protected Loop Loop => loop;

    /// <summary>When something was last sent.</summary>
    protected long LastSent { get; private set; }

    protected bool IsConnected => _descriptor >= 0 && !_connecting;

    /// <summary>Begins to connect; <see cref="Connected"/> is called when it is.</summary>
    /// <param name="to">A port on 127.0.0.1.</param>
    /// <param name="from">The source address: one address has ports for some ten thousand connections only.</param>
    protected void Connect(int to, IPAddress from)
    {
        Span<byte> target = stackalloc byte[16];
        Span<byte> source = stackalloc byte[16];
        SocketAddress.Write(target, IPAddress.Loopback, to);
        SocketAddress.Write(source, from, 0);
        _descriptor = Libc.Check(Libc.Socket(2, Libc.StreamNonBlocking, 0), "socket");

        // TCP_NODELAY, and IP_BIND_ADDRESS_NO_PORT: the port is chosen at connecting, so one in TIME_WAIT can be used again.
        Libc.Check(Libc.SetOption(_descriptor, 6, 1, 1, 4), "setsockopt");
        Libc.Check(Libc.SetOption(_descriptor, 0, 24, 1, 4), "setsockopt");
        Libc.Check(Libc.Bind(_descriptor, in source[0], 16), "bind");
        if (Libc.Connect(_descriptor, in target[0], 16) < 0 && Marshal.GetLastPInvokeError() is var error and not Libc.InProgress)
        {
            throw new LoadException($"Connecting to port {to} failed with error {error}.");
        }

        _connecting = true;
        _restLength = 0;
        _unsent = null;
        _slot = loop.Register(this, _descriptor, Libc.Writable);
    }

    /// <summary>Sends what was written into the loop's output.</summary>
    protected void Flush()
    {
        var bytes = loop.Output.Written;
        if (_unsent is null)
        {
            var sent = Libc.Send(_descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length, Libc.NoSignal);
            if (HasFailed(sent))
            {
                return;
            }

            bytes = bytes[(int)Math.Max(0, sent)..];
        }

        if (bytes.Length > 0)
        {
            (_unsent ??= new Output()).Append(bytes);
            loop.Change(_slot, _descriptor, Libc.Readable | Libc.Writable);
        }

        loop.Output.Clear();
        LastSent = Loop.Now;
    }

    /// <summary>Closes with a reset, as a client that is gone.</summary>
    internal void Abort()
    {
        if (_descriptor >= 0)
        {
            loop.Remove(_slot);

            // SO_LINGER of zero seconds, which is two ints: on, 0.
            _ = Libc.SetOption(_descriptor, 1, 13, 1, 8);
            _ = Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }

    internal void Handle(uint events)
    {
        if (_connecting)
        {
            FinishConnecting();
            return;
        }

        if ((events & Libc.Writable) != 0)
        {
            SendRest();
        }

        // Errors and hang-ups are read too: that is how they are told.
        if ((events & ~Libc.Writable) != 0 && _descriptor >= 0)
        {
            Receive();
        }
    }

    /// <summary>Called about once a second.</summary>
    internal virtual void Tick(long now)
    {
    }

    protected abstract void Connected();

    /// <summary>Takes what came.</summary>
    /// <returns>How many bytes of it were taken; the rest comes again, with more behind it.</returns>
    protected abstract int Read(ReadOnlySpan<byte> bytes);

    /// <summary>The connection is gone, and the client did not want that.</summary>
    protected abstract void Lost(string why);

    private bool HasFailed(nint sent)
    {
        if (sent >= 0 || Marshal.GetLastPInvokeError() == Libc.WouldBlock)
        {
            return false;
        }

        loop.Output.Clear();
        Fail($"sending failed with error {Marshal.GetLastPInvokeError()}");
        return true;
    }

    private void Fail(string why)
    {
        Abort();
        Lost(why);
    }

    private void FinishConnecting()
    {
        var error = 0;
        var length = 4u;
        Libc.Check(Libc.GetOption(_descriptor, 1, 4, ref error, ref length), "getsockopt");
        _connecting = false;
        if (error != 0)
        {
            Fail($"connecting failed with error {error}");
            return;
        }

        loop.Change(_slot, _descriptor, Libc.Readable);
        Connected();
    }

    private void Receive()
    {
        var buffer = loop.Buffer.AsSpan();
        _rest.AsSpan(0, _restLength).CopyTo(buffer);
        var received = (int)Libc.Receive(_descriptor, ref buffer[_restLength], buffer.Length - _restLength, 0);
        if (received <= 0)
        {
            if (received == 0 || Marshal.GetLastPInvokeError() != Libc.WouldBlock)
            {
                Fail(received == 0 ? "the server closed it" : $"receiving failed with error {Marshal.GetLastPInvokeError()}");
            }

            return;
        }

        var bytes = buffer[..(_restLength + received)];
        var rest = bytes[Read(bytes)..];
        if (rest.Length > _rest.Length)
        {
            _rest = new byte[2 * rest.Length];
        }

        rest.CopyTo(_rest);
        _restLength = rest.Length;
    }

    private void SendRest()
    {
        var sent = Libc.Send(_descriptor, in MemoryMarshal.GetReference(_unsent!.Written), _unsent.Length, Libc.NoSignal);
        if (HasFailed(sent))
        {
            return;
        }

        _unsent.Drop((int)Math.Max(0, sent));
        if (_unsent.Length == 0)
        {
            _unsent = null;
            loop.Change(_slot, _descriptor, Libc.Readable);
        }
    }
}
