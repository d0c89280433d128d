using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Im.IntegrationTests.Harness;

/// <summary>A websocket client. It reads all the time and keeps every frame in the order it came.</summary>
public sealed class SocketClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly Channel<Frame> _unread = Channel.CreateUnbounded<Frame>();
    private readonly List<Frame> _frames = [];
    private readonly TaskCompletionSource<int?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);
    private long _lastSeq;
    private long _lastDelivered;
    private Task _reading = Task.CompletedTask;

    private SocketClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>Every frame so far.</summary>
    public IReadOnlyList<Frame> Frames
    {
        get
        {
            lock (_frames)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>What the server chose; null where it echoed nothing.</summary>
    public string? Subprotocol => _socket.SubProtocol;

    public static Task<SocketClient> ConnectAsync(TestNode node, long user, long peer, Upgrade? upgrade = null) => ConnectAsync(node.BaseAddress, user, peer, upgrade);

    public static async Task<SocketClient> ConnectAsync(Uri node, long user, long peer, Upgrade? upgrade = null)
    {
        upgrade ??= new Upgrade();
        var token = upgrade.Token ?? TestNode.Mint(user);
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (upgrade.V1)
        {
            socket.Options.AddSubProtocol("im.v1");
        }

        switch (upgrade.TokenIn)
        {
            case TokenPlace.Authorization: socket.Options.SetRequestHeader("Authorization", $"Bearer {token}"); break;
            case TokenPlace.Header: socket.Options.SetRequestHeader("token", token); break;
            case TokenPlace.Subprotocol: socket.Options.AddSubProtocol($"im.bearer.{token}"); break;
            case TokenPlace.Query: break;
            default: throw new ArgumentOutOfRangeException(nameof(upgrade));
        }

        if (upgrade.Origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", upgrade.Origin);
        }

        var query = $"/im/ws?to_user_id={peer}"
            + (upgrade.Session is null ? "" : $"&session={upgrade.Session}")
            + (upgrade.Seen is null ? "" : $"&seen={upgrade.Seen}")
            + (upgrade.TokenIn is TokenPlace.Query ? $"&token={token}" : "");
        await socket.ConnectAsync(new UriBuilder(new Uri(node, query)) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        var client = new SocketClient(socket);
        if (upgrade.Reads)
        {
            client.Read();
        }

        return client;
    }

    /// <summary>Connects and reads up to and with <c>ready</c>.</summary>
    public static Task<SocketClient> ConnectReadyAsync(TestNode node, long user, long peer, Upgrade? upgrade = null) => ConnectReadyAsync(node.BaseAddress, user, peer, upgrade);

    /// <summary>The same to a node that is a process of its own, which on a busy machine may say that the store is late: then a client comes again.</summary>
    public static async Task<SocketClient> ConnectReadyAsync(Uri node, long user, long peer, Upgrade? upgrade = null)
    {
        SocketClient? client = null;
        await Eventually.HoldsAsync("the store answers in time", async () =>
        {
            try
            {
                client = await ConnectAsync(node, user, peer, upgrade);
                return true;
            }
            catch (WebSocketException refused) when (refused.Message.Contains("'503'", StringComparison.Ordinal))
            {
                return false;
            }
        });
        return await ReadyAsync(client!);
    }

    private static async Task<SocketClient> ReadyAsync(SocketClient client)
    {
        try
        {
            await client.NextAsync("ready");
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to read, for a client that connected without.</summary>
    public void Read() => _reading = ReadAllAsync();

    /// <summary>The next frame that was not taken yet, whatever it is.</summary>
    public Task<Frame> NextAsync(TimeSpan? deadline = null) => ExpectAsync("any frame", _ => true, deadline);

    /// <summary>The next frame of this type; others before it are passed over (but stay in <see cref="Frames"/>).</summary>
    public Task<Frame> NextAsync(string type, TimeSpan? deadline = null) => ExpectAsync($"a frame {type}", frame => frame.Type == type, deadline);

    /// <summary>The next frame for which this holds; others before it are passed over (but stay in <see cref="Frames"/>).</summary>
    public async Task<Frame> ExpectAsync(string what, Func<Frame, bool> expected, TimeSpan? deadline = null)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(deadline ?? Eventually.Deadline);
        try
        {
            while (true)
            {
                var frame = await _unread.Reader.ReadAsync(timeUp.Token);
                if (expected(frame))
                {
                    return frame;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            var ending = _closed.Task.IsCompletedSuccessfully ? $"closed with {_closed.Task.Result?.ToString() ?? "no goodbye"}" : "open";
            Assert.Fail($"No {what} came. The socket is {ending}. Frames so far:\n{string.Join('\n', Frames)}");
            throw;
        }
    }

    /// <summary>The highest <c>seq</c> of a message so far.</summary>
    public long LastSeq => Volatile.Read(ref _lastSeq);

    /// <summary>The highest <c>seq</c> that the peer is said to have.</summary>
    public long LastDelivered => Volatile.Read(ref _lastDelivered);

    /// <summary>The frames of this type so far.</summary>
    public IEnumerable<Frame> Of(string type) => Frames.Where(frame => frame.Type == type);

    /// <summary>The numbers of the messages so far, as they came.</summary>
    public IEnumerable<long> Seqs() => Of("msg").Select(frame => frame.Number("seq"));

    /// <summary>Everything sent so far has been handled, and its answers are in <see cref="Frames"/>: answers keep the order of the frames.</summary>
    public async Task SettleAsync()
    {
        await SendAsync(new { type = "nothing of the kind" });
        await ExpectAsync("the refusal of an unknown type", frame => frame.Type == "error" && frame.Number("code") == 40003);
    }

    public Task SendMsgAsync(string data, long? id = null) => id is null
        ? SendAsync(new { type = "msg", data })
        : SendAsync(new { type = "msg", data, id });

    /// <summary>Sends a message until the store has it: on a busy machine it may be late, is refused with 50300, and a client sends it again.</summary>
    public async Task SendUntilStoredAsync(string data, long id)
    {
        Frame answer;
        do
        {
            await SendMsgAsync(data, id);
            answer = await ExpectAsync($"the answer to message {id}", frame => frame.Type is "sent" or "error");
            Assert.True(answer.Type == "sent" || answer.Number("code") == 50300, $"{answer}");
        }
        while (answer.Type == "error");
    }

    public Task AckAsync(long seq) => SendAsync(new { type = "ack", seq });

    public Task SignalAsync(string data) => SendAsync(new { type = "signal", data });

    public Task AuthAsync(string token) => SendAsync(new { type = "auth", token });

    /// <summary>Any object, as JSON.</summary>
    public Task SendAsync(object frame) => SendRawAsync(JsonSerializer.SerializeToUtf8Bytes(frame));

    public Task SendRawAsync(string text) => SendRawAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Any bytes, as a text frame or a binary one.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Text, bool endOfMessage = true)
    {
        await _writing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage, TestContext.Current.CancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Whether a write failed since the socket was closed or lost meanwhile: what the platform then throws depends on the moment.</summary>
    public static bool IsLoss(Exception thrown) =>
        thrown is WebSocketException or ObjectDisposedException or InvalidOperationException or IOException
        || (thrown is OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested);

    /// <summary>Whether the socket is closed, or lost.</summary>
    public bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>Waits until the server has closed; its code, or null where the connection was lost without a goodbye.</summary>
    public Task<int?> ClosedAsync(TimeSpan? deadline = null) => _closed.Task.WaitAsync(deadline ?? Eventually.Deadline, TestContext.Current.CancellationToken);

    /// <summary>Says goodbye, and waits for the server's.</summary>
    public async Task CloseAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await ClosedAsync();
    }

    /// <summary>Is gone without a word.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAllAsync()
    {
        var reader = new MessageReader(_socket);
        int? code = null;
        try
        {
            while (await reader.NextAsync(CancellationToken.None) is { } message)
            {
                Keep(message.ToArray());
            }

            code = (int?)_socket.CloseStatus;
            await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException || IsLoss(e))
        {
            // Lost without a goodbye, or ended by the test; ClosedAsync says so.
        }
        finally
        {
            _closed.TrySetResult(code);
            _unread.Writer.TryComplete();
        }
    }

    private void Keep(byte[] raw)
    {
        var frame = new Frame(JsonElement.Parse(raw), raw);
        lock (_frames)
        {
            _frames.Add(frame);
        }

        switch (frame.Type)
        {
            case "msg": Volatile.Write(ref _lastSeq, Math.Max(_lastSeq, frame.Number("seq"))); break;
            case "delivered": Volatile.Write(ref _lastDelivered, Math.Max(_lastDelivered, frame.Number("seq"))); break;
        }

        _unread.Writer.TryWrite(frame);
    }
}
