using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Im.IntegrationTests.Harness;

/// <summary>What a <see cref="StallingProxy"/> does with what passes through it.</summary>
internal enum Flow
{
    /// <summary>Passes it at once.</summary>
    Pass,

    /// <summary>Passes each chunk later, one after the other: a slow line.</summary>
    Delay,

    /// <summary>Keeps it, in both directions, until it may pass again: nobody is told anything.</summary>
    Hold,
}

/// <summary>A bad network between a node and its store: a proxy on a loopback port.</summary>
internal sealed class StallingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Line, Task> _lines = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile Setting _setting = new(Flow.Pass, TimeSpan.Zero);
    private long _passed;
    private int _halved;

    /// <param name="target">The store's loopback port.</param>
    public StallingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What a node connects to.</summary>
    public string ConnectionString => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Bytes that came out, in both directions.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Chunks of which only the first half came out.</summary>
    public int Halved => Volatile.Read(ref _halved);

    /// <summary>Changes what happens from now on, on every connection.</summary>
    /// <param name="flow">What.</param>
    /// <param name="delay">Of each chunk, for <see cref="Flow.Delay"/>.</param>
    public void Set(Flow flow, TimeSpan delay = default) => Interlocked.Exchange(ref _setting, new Setting(flow, delay)).Changed.TrySetResult();

    /// <summary>Closes every connection.</summary>
    public void Drop()
    {
        foreach (var line in _lines.Keys)
        {
            line.Dispose();
        }
    }

    /// <summary>On every connection there is now, the next chunk is cut in half and the rest never comes: half a command, or half an answer.</summary>
    public void Halve()
    {
        foreach (var line in _lines.Keys)
        {
            line.HalvesNext = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Drop();
        await Task.WhenAll(_lines.Values);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_stopped.Token);
                var line = new Line(near);
                _lines[line] = RunAsync(line);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task RunAsync(Line line)
    {
        try
        {
            await line.Far.ConnectAsync(IPAddress.Loopback, _target, _stopped.Token);
            await Task.WhenAny(PumpAsync(line, line.Near, line.Far), PumpAsync(line, line.Far, line.Near));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The store is not there.
        }

        line.Dispose();
        _lines.TryRemove(line, out _);
    }

    /// <summary>One direction, until either end hangs up.</summary>
    private async Task PumpAsync(Line line, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopped.Token) is > 0 and var count)
            {
                await PermitAsync();
                var halves = line.HalvesNext && count > 1;
                var rest = buffer.AsMemory(0, halves ? count / 2 : count);
                while (rest.Length > 0)
                {
                    var sent = await to.SendAsync(rest, _stopped.Token);
                    Interlocked.Add(ref _passed, sent);
                    rest = rest[sent..];
                }

                if (halves)
                {
                    Interlocked.Increment(ref _halved);

                    // An orderly end: what has passed is read, where a reset would take it away again.
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Lost, dropped or disposed.
        }
    }

    /// <summary>Waits until the next chunk may pass.</summary>
    private async Task PermitAsync()
    {
        for (var setting = _setting; setting.Flow is Flow.Hold; setting = _setting)
        {
            await setting.Changed.Task.WaitAsync(_stopped.Token);
        }

        await Task.Delay(_setting.Delay, _stopped.Token);
    }

    private sealed record Setting(Flow Flow, TimeSpan Delay)
    {
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One connection through the proxy.</summary>
    private sealed class Line(Socket near) : IDisposable
    {
        private volatile bool _halvesNext;

        public Socket Near { get; } = Prompt(near);

        public Socket Far { get; } = Prompt(new Socket(SocketType.Stream, ProtocolType.Tcp));

        public bool HalvesNext
        {
            get => _halvesNext;
            set => _halvesNext = value;
        }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }

        private static Socket Prompt(Socket socket)
        {
            socket.NoDelay = true;
            return socket;
        }
    }
}
