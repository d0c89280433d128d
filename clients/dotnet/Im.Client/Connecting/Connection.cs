using System.Globalization;
using System.Net.WebSockets;
using Im.Client.Accounts;
using Im.Client.Errors;
using Im.Client.Messaging;
using Im.Client.Wire;

namespace Im.Client.Connecting;

/// <summary>One websocket, from opening it to its end: one reader, one writer, and the renewal of its token.</summary>
/// <param name="parts">The conversation.</param>
/// <param name="calls">Where the server is.</param>
/// <param name="handler">Takes the frames.</param>
internal sealed class Connection(Parts parts, Calls calls, FrameHandler handler)
{
    private const string Subprotocol = "im.v1";

    /// <summary>How long a goodbye may take.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    /// <summary>How often an idle connection is tested, and how long the answer may take.</summary>
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _clock = parts.Options.TimeProvider;

    /// <summary>Runs it until it ends, for whatever reason; throws nothing but faults of the program.</summary>
    /// <param name="token">The user's token.</param>
    /// <param name="closing">Cancelled when this side ends the conversation.</param>
    public async Task<Ending> RunAsync(HeldToken token, CancellationToken closing)
    {
        using var socket = new ClientWebSocket();
        var seen = parts.Acknowledgements.Taken;
        if (await OpenAsync(socket, token, seen, closing).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        parts.Acknowledgements.Opened(seen);
        using var stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        using var farewell = closing.Register(() =>
        {
            parts.Wake.Set();
            stop.CancelAfter(Goodbye);
        });
        var writing = WriteAsync(socket, closing, stop.Token);
        var renewing = RenewAsync(token, stop.Token);
        var ending = await ReadAsync(socket, closing, stop.Token).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        await renewing.ConfigureAwait(false);
        await AnswerCloseAsync(socket).ConfigureAwait(false);
        parts.Disconnected();
        return ending;
    }

    private async Task<Ending?> OpenAsync(ClientWebSocket socket, HeldToken token, long seen, CancellationToken closing)
    {
        socket.Options.AddSubProtocol(Subprotocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token.Account.Token}");
        socket.Options.KeepAliveInterval = Ping;
        socket.Options.KeepAliveTimeout = Ping;
        using var upgrade = new UpgradeHandler(calls.Rest.Handler);
        using var invoker = new HttpMessageInvoker(upgrade, disposeHandler: false);
        using var limit = new CancellationTokenSource(parts.Options.RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing);
        var address = calls.Rest.AddressOf(string.Create(CultureInfo.InvariantCulture, $"im/ws?to_user_id={parts.Peer}&session={parts.Session}&seen={seen}"));
        try
        {
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri, invoker, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
        {
            return new Ending(Error: upgrade.Refusal ?? Failures.Unreachable(e), IsRefusal: true);
        }

        return socket.SubProtocol == Subprotocol ? null : new Ending(Error: Failures.Violation("The server does not speak im.v1"));
    }

    private async Task<Ending> ReadAsync(ClientWebSocket socket, CancellationToken closing, CancellationToken stop)
    {
        // Somewhat more than a server's frame, so that a longer one is seen to be longer.
        var buffer = new byte[ServerFrame.MaxBytes + 1];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var first = _clock.CreateTimer(_ => silence.Cancel(), null, parts.Options.RequestTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            while (await ReceiveAsync(socket, buffer, silence.Token).ConfigureAwait(false) is { } length)
            {
                first.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                await handler.HandleAsync(ServerFrame.Parse(buffer.AsSpan(0, length)), closing).ConfigureAwait(false);
            }

            return new Ending((int?)socket.CloseStatus);
        }
        catch (ImException e)
        {
            return new Ending(Error: e);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            return new Ending((int?)socket.CloseStatus);
        }
    }

    /// <summary>The next frame's length; null: the server closes.</summary>
    private static async ValueTask<int?> ReceiveAsync(ClientWebSocket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        for (var length = 0; ;)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += part.Count;
            if (part.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.MessageType is not WebSocketMessageType.Text || length > ServerFrame.MaxBytes)
            {
                throw ServerFrame.Malformed();
            }

            if (part.EndOfMessage)
            {
                return length;
            }
        }
    }

    private async Task WriteAsync(ClientWebSocket socket, CancellationToken closing, CancellationToken stop)
    {
        try
        {
            while (!closing.IsCancellationRequested)
            {
                while (parts.NextFrame() is { } frame)
                {
                    await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, stop).ConfigureAwait(false);
                }

                await parts.Wake.WaitAsync(stop).ConfigureAwait(false);
            }

            if (parts.Acknowledgements.Next(evenIfEarly: true) is { } last)
            {
                await socket.SendAsync(last, WebSocketMessageType.Text, endOfMessage: true, stop).ConfigureAwait(false);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The reader has seen the end.
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader sees the end, too, once the socket is aborted.
            socket.Abort();
        }
    }

    /// <summary>The server closed: an answer lets it go at once.</summary>
    private async Task AnswerCloseAsync(ClientWebSocket socket)
    {
        if (socket.State is not WebSocketState.CloseReceived)
        {
            return;
        }

        using var limit = new CancellationTokenSource(Goodbye, _clock);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    private async Task RenewAsync(HeldToken token, CancellationToken stop)
    {
        try
        {
            await parts.Renewal.RunAsync(calls.Tokens, token, _clock, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone.
        }
    }
}
