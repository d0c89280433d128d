using System.Net.Sockets;
using System.Text;

namespace Im.IntegrationTests.Harness;

/// <summary>An upgraded connection without a websocket library on it: sends what no library would, and answers no ping.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly TcpClient _tcp = new();

    private RawSocket()
    {
    }

    /// <summary>Taken once: the platform does not give it any more when the connection is lost.</summary>
    public NetworkStream Stream { get; private set; } = null!;

    public static Task<RawSocket> UpgradeAsync(TestNode node, long user, long peer) => UpgradeAsync(node.BaseAddress, user, peer);

    /// <summary>The same to a node that is a process of its own.</summary>
    public static async Task<RawSocket> UpgradeAsync(Uri node, long user, long peer)
    {
        var raw = await TryUpgradeAsync(node, user, peer);
        Assert.NotNull(raw);
        return raw;
    }

    /// <summary>The same; null: the node refused.</summary>
    /// <param name="node">Its address.</param>
    /// <param name="user">Who connects.</param>
    /// <param name="peer">To whom.</param>
    /// <param name="receiveBuffer">Bytes that the kernel keeps for who does not read; null: as many as it likes.</param>
    public static async Task<RawSocket?> TryUpgradeAsync(Uri node, long user, long peer, int? receiveBuffer = null)
    {
        var raw = new RawSocket();

        // Before connecting: the window that is offered then depends on it.
        raw._tcp.ReceiveBufferSize = receiveBuffer ?? raw._tcp.ReceiveBufferSize;
        await raw._tcp.ConnectAsync(node.Host, node.Port, TestContext.Current.CancellationToken);
        raw.Stream = raw._tcp.GetStream();
        string[] lines =
        [
            $"GET /im/ws?to_user_id={peer} HTTP/1.1", $"Host: {node.Authority}", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: im.v1",
            $"Authorization: Bearer {TestNode.Mint(user)}", "", "",
        ];
        await raw.SendAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));
        var first = new byte[12];
        await raw.Stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        if (first.AsSpan().SequenceEqual("HTTP/1.1 101"u8))
        {
            return raw;
        }

        raw.Dispose();
        return null;
    }

    /// <summary>A client's frame, masked with zeros.</summary>
    /// <param name="opcode">The first byte: the final bit, reserved bits and the opcode.</param>
    /// <param name="payload">At most 125 bytes.</param>
    public static byte[] Frame(byte opcode, params byte[] payload) => [opcode, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload];

    public Task SendAsync(byte[] bytes) => Stream.WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Reads until the server has hung up, and takes no notice of what it says.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Eventually.Deadline);
        var all = new MemoryStream();
        try
        {
            await Stream.CopyToAsync(all, timeUp.Token);
        }
        catch (IOException)
        {
            // Reset rather than ended.
        }

        return all.ToArray();
    }

    /// <summary>Is gone with a reset instead of an end.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    public void Dispose() => _tcp.Dispose();
}
