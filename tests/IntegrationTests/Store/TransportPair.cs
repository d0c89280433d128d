using System.Net;
using System.Net.Sockets;
using System.Text;
using Im.Infrastructure.Redis.Transport;
using Im.IntegrationTests.Harness;
using RESPite.Transports;

namespace Im.IntegrationTests.Store;

/// <summary>A transport over a loopback connection, the test as the store at its other end, and as the library that is told.</summary>
internal sealed class TransportPair : TransportReceiver, IAsyncDisposable
{
    private readonly Lock _libraryLock = new();
    private readonly StringBuilder _received = new();
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closedCount;

    private TransportPair(Socket node, Socket store)
    {
        Store = store;
        Transport = new StoreTransport(node, "test replies", targets: null);
        Transport.Start(this);
    }

    public StoreTransport Transport { get; }

    public Socket Store { get; }

    /// <summary>What the library answers when bytes arrive: whether it wants more.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Called when bytes arrive, on the reading thread.</summary>
    public Action<int> Heard { get; set; } = _ => { };

    /// <summary>What the store's end has said so far.</summary>
    public string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    public int ClosedCount => _closedCount;

    public static async Task<TransportPair> OpenAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var node = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        node.Connect(listener.LocalEndpoint);
        return new TransportPair(node, await listener.AcceptSocketAsync(Cancelled));
    }

    /// <summary>Writes a command as the library does, under a lock of its own.</summary>
    public bool Write(byte[] command)
    {
        lock (_libraryLock)
        {
            command.CopyTo(Transport.GetMemory(command.Length));
            Transport.Advance(command.Length);
            return Transport.Flush();
        }
    }

    public bool Write(string command) => Write(Encoding.ASCII.GetBytes(command));

    /// <summary>Whether the transport closed, and why; fails when it does not in time.</summary>
    public Task<Exception?> ClosedAsync() => _closed.Task.WaitAsync(Eventually.Deadline, Cancelled);

    /// <summary>The store says something.</summary>
    public async Task ReplyAsync(string reply)
    {
        var before = Received.Length;
        await Store.SendAsync(Encoding.ASCII.GetBytes(reply), Cancelled);
        await Eventually.HoldsAsync("the reply was read", () => Received.Length >= before + reply.Length);
    }

    /// <summary>What the store reads, once.</summary>
    public async Task<string> TakeAsync(int atMost = 64 * 1024)
    {
        var bytes = new byte[atMost];
        var count = await Store.ReceiveAsync(bytes, Cancelled).AsTask().WaitAsync(Eventually.Deadline, Cancelled);
        return Encoding.ASCII.GetString(bytes, 0, count);
    }

    /// <summary>Reads so many bytes at the store's end.</summary>
    public async Task<byte[]> TakeAllAsync(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await Store.ReceiveAsync(bytes.AsMemory(at), Cancelled).AsTask().WaitAsync(Eventually.Deadline, Cancelled);
            Assert.True(read > 0, $"Closed after {at} of {count} bytes.");
            at += read;
        }

        return bytes;
    }

    public override bool OnReceived(ReadOnlySpan<byte> payload)
    {
        // Whoever is told of it is the one who was there when it came, not one who was set since it was seen.
        var heard = Heard;
        lock (_received)
        {
            _received.Append(Encoding.ASCII.GetString(payload));
        }

        heard(payload.Length);
        return IsOpen;
    }

    public override void OnClosed(Exception? fault)
    {
        Interlocked.Increment(ref _closedCount);
        _closed.TrySetResult(fault);
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        Store.Dispose();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
