using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Im.IntegrationTests.Harness;

/// <summary>One connection of a <see cref="CountingClient"/>: one reader, one writer.</summary>
internal sealed class CountingLink(CountingClient client, int number, long user) : IDisposable
{
    /// <summary>Never sent: the connection was lost, or never came to be.</summary>
    public const int Lost = 1006;

    /// <summary>The longest frame that a client must accept.</summary>
    private const int MaxFrame = 66_048;

    /// <summary>Messages under way without an answer at most.</summary>
    private const int Window = 32;

    private static readonly (int From, int To) Wait = (30, 150);
    private static readonly SocketsHttpHandler Handler = new() { UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
    private static readonly HttpMessageInvoker Http = new(Handler);

    private readonly ClientWebSocket _socket = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private long _next;
    private long _received;
    private long _acknowledged;
    private long _answered;
    private int _unanswered;
    private long? _again;
    private bool _isOver;

    /// <summary>Whether it has caught up and is open.</summary>
    public bool IsReady => WasReady && !_isOver;

    /// <summary>Whether it has ever caught up.</summary>
    public bool WasReady { get; private set; }

    /// <summary>Runs until it ends; the close code, or the status with which it was refused.</summary>
    /// <param name="address">With all that the query says.</param>
    /// <param name="seen">The highest seq the client had before.</param>
    /// <param name="answered">The highest id the client had been answered before.</param>
    /// <param name="stopped">The client wants no more.</param>
    public async Task<int> RunAsync(Uri address, long seen, long answered, CancellationToken stopped)
    {
        client.History.Add(number, Did.Connecting, seen);
        _answered = answered;
        _received = seen;
        var code = await ConnectAsync(address, stopped);
        if (code == 0)
        {
            var writing = WriteAsync();
            code = await ReadAsync(seen, stopped);
            _isOver = true;
            Wake();
            await writing;
            await SayGoodbyeAsync(code);
        }

        client.History.Add(number, Did.Closed, code);
        return code;
    }

    /// <summary>Lets the writer look whether there is something to write.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public void Dispose() => _socket.Dispose();

    private async Task<int> ConnectAsync(Uri address, CancellationToken stopped)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        timeUp.CancelAfter(TimeSpan.FromSeconds(10));
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        _socket.Options.CollectHttpResponseDetails = true;
        _socket.Options.AddSubProtocol("im.v1");
        if (!address.Query.Contains("token=", StringComparison.Ordinal))
        {
            _socket.Options.SetRequestHeader("Authorization", $"Bearer {TestNode.Mint(user)}");
        }

        try
        {
            await _socket.ConnectAsync(address, Http, timeUp.Token);
            return 0;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return _socket.HttpStatusCode is 0 ? Lost : (int)_socket.HttpStatusCode;
        }
    }

    private async Task<int> ReadAsync(long seen, CancellationToken stopped)
    {
        var reader = new MessageReader(_socket, MaxFrame);
        try
        {
            while (await reader.NextAsync(stopped) is { } message)
            {
                using var frame = JsonDocument.Parse(message);
                Hear(frame.RootElement, seen);
                Wake();
            }

            return (int)(_socket.CloseStatus ?? (WebSocketCloseStatus)Lost);
        }
        catch (Exception e) when (e is OperationCanceledException || SocketClient.IsLoss(e))
        {
            return Lost;
        }
    }

    private void Hear(JsonElement frame, long seen)
    {
        long Of(string field) => frame.GetProperty(field).GetInt64();
        switch (frame.GetProperty("type").GetString())
        {
            case "msg":
                client.Take(number, Of("seq"), Of("id"), frame.GetProperty("data").GetString()!);
                Volatile.Write(ref _received, Of("seq"));
                break;
            case "sent":
                client.Answer(number, Of("id"));
                Answered(Of("id"));
                break;
            case "delivered":
                client.Learn(number, Of("seq"));
                break;
            case "ready":
                client.History.Add(number, Did.Ready, Of("seq"), Of("last_id"));
                client.Learn(number, Of("delivered"));
                Begin(Of("seq"), Of("last_id"), seen);
                break;
            case "error":
                Refused(frame);
                break;
        }
    }

    private void Begin(long seq, long lastId, long seen)
    {
        if (seq < seen || lastId < _answered)
        {
            client.Stop($"ready says seq {seq} and last_id {lastId} to a client that has {seen} and was answered {_answered}");
        }

        client.Answer(number, lastId);
        lock (_lock)
        {
            _answered = lastId;
            _next = lastId + 1;
        }

        WasReady = true;
    }

    private void Answered(long id)
    {
        lock (_lock)
        {
            _answered = Math.Max(_answered, id);
            _unanswered--;
            ResumeIfAllAnswered();
        }
    }

    private void Refused(JsonElement frame)
    {
        var code = frame.GetProperty("code").GetInt32();
        var id = frame.TryGetProperty("id", out var own) ? own.GetInt64() : 0;
        var expected = frame.TryGetProperty("expected", out var due) ? due.GetInt64() : id;
        client.History.Add(number, Did.Refused, id, code);
        if (code is not (40902 or 42900 or 42901 or 50300) || expected <= _answered)
        {
            client.Stop($"refused: {frame}");
            return;
        }

        lock (_lock)
        {
            // Stops; what is under way behind the refused one is refused as well, and waited for.
            _again = Math.Min(_again ?? long.MaxValue, expected);
            _unanswered--;
            ResumeIfAllAnswered();
        }
    }

    private void ResumeIfAllAnswered()
    {
        if (_again is not null && _unanswered == 0)
        {
            _ = ResumeAsync();
        }
    }

    private async Task ResumeAsync()
    {
        await Task.Delay(Random.Shared.Next(Wait.From, Wait.To));
        lock (_lock)
        {
            // A refused message may be stored all the same, and what came behind it was then taken.
            _next = Math.Max(_again!.Value, _answered + 1);
            _again = null;
        }

        Wake();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (await _wake.Reader.ReadAsync())
            {
                while (!_isOver && NextFrame() is { } frame)
                {
                    await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                }

                if (_isOver)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException || SocketClient.IsLoss(e))
        {
            // Lost; the reader says so.
        }
    }

    /// <summary>The next frame to write, written down before it is: what is told of it must come later. Null: nothing to say.</summary>
    private byte[]? NextFrame()
    {
        var received = Volatile.Read(ref _received);
        if (received > _acknowledged && WasReady)
        {
            _acknowledged = received;
            client.History.Add(number, Did.Acknowledged, received);
            return JsonSerializer.SerializeToUtf8Bytes(new { type = "ack", seq = received });
        }

        lock (_lock)
        {
            if (!WasReady || _again is not null || _unanswered >= Window || !client.TryGet(_next, out var data))
            {
                return null;
            }

            _unanswered++;
            client.History.Add(number, Did.Sent, _next, data: data);
            return JsonSerializer.SerializeToUtf8Bytes(new { type = "msg", data, id = _next++ });
        }
    }

    private async Task SayGoodbyeAsync(int code)
    {
        if (code != Lost && _socket.State is WebSocketState.CloseReceived)
        {
            using var timeUp = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _socket.CloseOutputAsync(_socket.CloseStatus!.Value, null, timeUp.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
