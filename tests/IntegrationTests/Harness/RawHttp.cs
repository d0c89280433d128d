using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Im.IntegrationTests.Harness;

/// <summary>A TCP connection on which a test writes its requests itself, byte by byte if it likes.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly Socket _socket;

    private RawHttp(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="node">To whom.</param>
    /// <param name="from">From which of this machine's addresses; null: whichever.</param>
    public static async Task<RawHttp> ConnectAsync(Uri node, IPAddress? from = null)
    {
        var to = new IPEndPoint(IPAddress.Parse(node.Host.Trim('[', ']')), node.Port);
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(to, TestContext.Current.CancellationToken);
        return new RawHttp(socket);
    }

    /// <summary>Sends a request on a connection of its own and reads the whole answer.</summary>
    public static async Task<string> AskAsync(Uri node, string request, IPAddress? from = null)
    {
        using var raw = await ConnectAsync(node, from);
        await raw.SendAsync(request);
        return (await raw.ReadToEndAsync()).Text;
    }

    /// <summary>Sends; false: the node has hung up.</summary>
    public async Task<bool> SendAsync(string text)
    {
        try
        {
            await _socket.SendAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads until the node hangs up, at most so long; says what came and how long it took.</summary>
    public async Task<(string Text, TimeSpan Took)> ReadToEndAsync(TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(deadline ?? Eventually.Deadline);
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, timeUp.Token) is > 0 and var count)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Reset rather than ended.
        }

        return (text.ToString(), watch.Elapsed);
    }

    /// <summary>Reads what comes next; empty: the node has hung up.</summary>
    public async Task<string> ReadSomeAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    public void Dispose() => _socket.Dispose();
}
