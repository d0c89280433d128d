using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Clients that ask for a websocket and go away at a moment, and in a manner, that chance decides.</summary>
internal sealed class PassingClients(Uri node, bool http2) : IDisposable
{
    private const int LongestStay = 30;

    /// <summary>Of so many, one waits for its answer as long as that takes: some are let in on the slowest machine.</summary>
    private const int Patient = 8;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _shared = new(new SocketsHttpHandler());
    private int _tried;
    private int _upgraded;

    public int Tried => _tried;

    /// <summary>Those that saw their upgrade; more were let in that had gone by then.</summary>
    public int Upgraded => _upgraded;

    public async Task PassAsync(long user, long peer, Random random)
    {
        Interlocked.Increment(ref _tried);
        try
        {
            await (http2 ? PassOverHttp2Async(user, peer, random) : PassOverHttp1Async(user, peer, random));
        }
        catch (Exception e) when (e is SocketException or HttpRequestException || SocketClient.IsLoss(e))
        {
            // Refused, cut off, or gone itself.
        }
    }

    /// <summary>One that stays until it is disposed of.</summary>
    public async Task<IDisposable> StayAsync(long user, long peer)
    {
        ClientWebSocket? open = null;
        await Eventually.HoldsAsync("the store answers in time", async () => (open = await TryAsync(user, peer)) is not null);
        return open!;
    }

    /// <summary>With what status one is refused.</summary>
    public async Task<int> StatusAsync(long user, long peer)
    {
        using var socket = Socket(user);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(peer), _shared, TestContext.Current.CancellationToken));
        return (int)socket.HttpStatusCode;
    }

    /// <summary>Null: refused with 503, after which a client comes again.</summary>
    private async Task<ClientWebSocket?> TryAsync(long user, long peer)
    {
        var socket = Socket(user);
        try
        {
            await socket.ConnectAsync(Address(peer), _shared, TestContext.Current.CancellationToken);
            return socket;
        }
        catch (WebSocketException) when (socket.HttpStatusCode is HttpStatusCode.ServiceUnavailable)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose() => _shared.Dispose();

    private static TimeSpan PatienceOf(Random random, int usual) => random.Next(Patient) == 0 ? Long : TimeSpan.FromMilliseconds(random.Next(usual));

    private Uri Address(long peer) => new UriBuilder(new Uri(node, $"/im/ws?to_user_id={peer}")) { Scheme = "ws" }.Uri;

    private ClientWebSocket Socket(long user)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol("im.v1");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {TestNode.Mint(user)}");
        return socket;
    }

    /// <summary>Sends so many bytes of a request and of frames behind it, waits for the answer or does not, and ends or resets one direction or both.</summary>
    private async Task PassOverHttp1Async(long user, long peer, Random random)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(node.Host, node.Port, TestContext.Current.CancellationToken);
        var stream = tcp.GetStream();
        var request = Encoding.ASCII.GetBytes(
            $"GET /im/ws?to_user_id={peer} HTTP/1.1\r\nHost: {node.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: im.v1\r\nAuthorization: Bearer {TestNode.Mint(user)}\r\n\r\n");
        byte[] frames = [.. RawSocket.Frame(0x81, [.. """{"type":"signal","data":"x"}"""u8]), .. RawSocket.Frame(0x88, 0x03, 0xe8)];
        var isWhole = random.Next(8) > 0;
        await stream.WriteAsync(isWhole ? request : request.AsMemory(0, random.Next(request.Length)), TestContext.Current.CancellationToken);
        if (random.Next(3) > 0)
        {
            using var patience = new CancellationTokenSource(isWhole ? PatienceOf(random, 10 * LongestStay) : TimeSpan.FromMilliseconds(random.Next(10 * LongestStay)));
            var first = new byte[12];
            await stream.ReadExactlyAsync(first, patience.Token);
            if (first.AsSpan().SequenceEqual("HTTP/1.1 101"u8))
            {
                Interlocked.Increment(ref _upgraded);
            }
        }

        await stream.WriteAsync(frames.AsMemory(0, random.Next(frames.Length + 1)), TestContext.Current.CancellationToken);
        await Task.Delay(random.Next(LongestStay), TestContext.Current.CancellationToken);
        switch (random.Next(3))
        {
            case 0:
                tcp.LingerState = new LingerOption(true, 0);
                break;
            case 1:
                tcp.Client.Shutdown(SocketShutdown.Send);
                await Task.Delay(random.Next(LongestStay), TestContext.Current.CancellationToken);
                break;
            default:
                break;
        }
    }

    /// <summary>On a connection that others use too, of which only the stream ends, or on one of its own that is closed.</summary>
    private async Task PassOverHttp2Async(long user, long peer, Random random)
    {
        using var own = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = Socket(user);
        using var patience = new CancellationTokenSource(random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(LongestStay)) : PatienceOf(random, 10 * LongestStay));
        await socket.ConnectAsync(Address(peer), random.Next(2) == 0 ? own : _shared, patience.Token);
        Interlocked.Increment(ref _upgraded);
        for (var i = random.Next(3); i > 0; i--)
        {
            await socket.SendAsync("""{"type":"signal","data":"x"}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: random.Next(2) == 0, patience.Token);
        }

        await Task.Delay(random.Next(LongestStay), TestContext.Current.CancellationToken);
        switch (random.Next(4))
        {
            case 0:
                socket.Abort();
                break;
            case 1:
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                break;
            case 2:
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                break;
            default:
                own.Dispose();
                break;
        }
    }
}
