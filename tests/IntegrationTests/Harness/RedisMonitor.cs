using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Im.IntegrationTests.Harness;

/// <summary>Reads along with every command that a redis-server gets, its arguments included (<c>MONITOR</c>).</summary>
internal sealed class RedisMonitor : IAsyncDisposable
{
    private const int MaxLines = 100_000;

    private readonly TcpClient _tcp = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>The commands so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts one and waits until the server has taken it.</summary>
    public static async Task<RedisMonitor> StartAsync(int port)
    {
        var monitor = new RedisMonitor();
        await monitor._tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await monitor._tcp.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var reader = new StreamReader(monitor._tcp.GetStream(), System.Text.Encoding.Latin1);
        Assert.Equal("+OK", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        monitor._reading = monitor.ReadAsync(reader);
        return monitor;
    }

    public async ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        await _reading;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line && _lines.Count < MaxLines)
            {
                _lines.Enqueue(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Disposed, or the server is gone.
        }
    }
}
