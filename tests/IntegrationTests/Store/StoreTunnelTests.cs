using System.Net;
using System.Net.Sockets;
using Im.Infrastructure.Redis.Transport;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Store;

public sealed class StoreTunnelTests
{
    /// <summary>How a record begins that greets with TLS.</summary>
    private const byte TlsHandshake = 0x16;

    private static readonly StoreTunnel Tunnel = new(Eventually.Deadline, _ => null);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_tls_the_library_connects_itself()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var configuration = new ConfigurationOptions { EndPoints = { listener.LocalEndpoint }, Ssl = true, Tunnel = Tunnel, AbortOnConnectFail = true, ConnectTimeout = 5000 };
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration);

        using (var accepted = await listener.AcceptSocketAsync(Cancelled))
        {
            var first = new byte[1];
            Assert.Equal(1, await accepted.ReceiveAsync(first, Cancelled).AsTask().WaitAsync(Eventually.Deadline, Cancelled));
            Assert.Equal(TlsHandshake, first[0]);
        }

        listener.Stop();
        await Assert.ThrowsAsync<RedisConnectionException>(() => connecting.WaitAsync(2 * Eventually.Deadline, Cancelled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_tls_the_connection_is_the_nodes_own(bool isUnix)
    {
        var folder = Directory.CreateTempSubdirectory("im-socket-");
        try
        {
            using var listener = new Socket(isUnix ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(isUnix ? new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "store")) : new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();

            await using var transport = await Tunnel.ConnectTransportAsync(listener.LocalEndPoint!, ConnectionType.Interactive, default, Cancelled);

            Assert.IsType<StoreTransport>(transport);
            using var accepted = await listener.AcceptAsync(Cancelled);
            Assert.True(accepted.Connected);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Where_nobody_answers_the_time_out_is_an_exception_and_no_socket_is_left()
    {
        // Its queue is full with these: further ones get no answer at all.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var waiting = new List<Socket>();
        try
        {
            await FillAsync(listener.LocalEndPoint, waiting);
            var before = OpenTo(port);
            var impatient = new StoreTunnel(TimeSpan.FromMilliseconds(300), _ => null);

            await Assert.ThrowsAsync<TimeoutException>(
                () => impatient.ConnectTransportAsync(listener.LocalEndPoint, ConnectionType.Interactive, default, Cancelled).AsTask().WaitAsync(Eventually.Deadline, Cancelled));

            await Eventually.HoldsAsync("the socket is closed", () => OpenTo(port) <= before);
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Where_nobody_listens_the_refusal_is_an_exception() => await Assert.ThrowsAsync<SocketException>(
        () => Tunnel.ConnectTransportAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()), ConnectionType.Interactive, default, Cancelled).AsTask());

    /// <summary>Connects until two in a row are not answered, of which one may be the machine's fault; those are closed again.</summary>
    private static async Task FillAsync(EndPoint endPoint, List<Socket> waiting)
    {
        for (var unanswered = 0; unanswered < 2;)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            patience.CancelAfter(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.ConnectAsync(endPoint, patience.Token);
                waiting.Add(socket);
                unanswered = 0;
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                unanswered++;
            }
        }
    }

    /// <summary>How many sockets of this machine speak, or try to speak, to this port.</summary>
    private static int OpenTo(int port) => File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
        .Count(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].EndsWith($":{port:X4}", StringComparison.Ordinal));
}
