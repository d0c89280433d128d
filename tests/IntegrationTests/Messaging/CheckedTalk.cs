using System.Globalization;
using System.Net.WebSockets;
using Im.IntegrationTests.Harness;
using Xunit.Sdk;

namespace Im.IntegrationTests.Messaging;

/// <summary>
/// One user sends to another through whatever befalls the store, both as the protocol asks of clients, and every promise is
/// checked on the way: what was answered <c>sent</c> arrives once and in order, or both sides are told that the session is lost.
/// </summary>
internal sealed class CheckedTalk(TestNode one, TestNode other)
{
    /// <summary>Messages under way at once.</summary>
    private const int Window = 5;

    /// <summary>For what a fail-over and a sweep take on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private string _session = "";
    private SocketClient? _ann;
    private SocketClient? _bob;
    private volatile bool _isOver;
    private long _sent;
    private long _arrived;

    /// <summary>The highest id answered <c>sent</c>.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>What has arrived, without a gap.</summary>
    public long Arrived => Volatile.Read(ref _arrived);

    public async Task ConnectAsync()
    {
        _session = (await one.Rest.AgreeAsync(_pair.Ann, _pair.Bob)).Session;
        _ann = await SocketClient.ConnectReadyAsync(one, _pair.Ann, _pair.Bob);
        _bob = await SocketClient.ConnectReadyAsync(other, _pair.Bob, _pair.Ann);
    }

    /// <summary>Talks until told to stop, then waits until all has arrived. True: the session was kept; false: both sides know that it is lost.</summary>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        var sending = SendAsync(stop);
        var taking = TakeAsync();
        var sentAll = await sending;
        if (sentAll)
        {
            // Also what is lost only now, by the sweep, counts as told.
            await Eventually.HoldsAsync($"all {Sent} that were sent have arrived, or the session is lost", () => Arrived >= Sent || taking.IsCompleted, Patience);
        }

        _isOver = sentAll && Arrived >= Sent;
        if (_isOver)
        {
            _bob!.Abort();
        }

        // Whoever was told alone would leave the other one waiting here.
        var kept = await taking.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await _ann!.DisposeAsync();
        await _bob!.DisposeAsync();
        return kept;
    }

    /// <summary>False: the session is lost.</summary>
    private async Task<bool> SendAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var first = Sent + 1;
            for (var id = first; id < first + Window; id++)
            {
                await TrySendAsync(id);
            }

            for (var id = first; id < first + Window; id++)
            {
                var answer = await NextAsync(_ann!, frame => frame.Type is "sent" or "error");
                if (answer is null)
                {
                    if (await ReconnectAsync(one, _ann!, _pair.Ann, _pair.Bob, seen: 0) is not { } again)
                    {
                        return false;
                    }

                    _ann = again;
                    Assert.True(again.Of("ready").Single().Number("last_id") >= Sent, "What was sent is lost, and the session goes on.");
                    break;
                }

                Assert.Equal(id, answer.Number("id"));
                if (answer.Type == "sent")
                {
                    Assert.Equal(id, answer.Number("seq"));
                    Volatile.Write(ref _sent, id);
                    continue;
                }

                Assert.Contains(answer.Number("code"), new long[] { 50300, 40902, 42901 });
                Assert.True(!answer.Has("expected") || answer.Number("expected") > Sent, "An id that was sent is expected again.");

                // The rest of the window is refused too, or comes to nothing: a later one never overtakes.
                for (var rest = id + 1; rest < first + Window; rest++)
                {
                    if (await NextAsync(_ann!, frame => frame.Type is "sent" or "error") is { Type: "sent" })
                    {
                        Assert.Fail($"Message {rest} overtook message {id}.");
                    }
                }

                await Task.Delay(Pause, TestContext.Current.CancellationToken);
                break;
            }
        }

        return true;
    }

    /// <summary>False: the session is lost.</summary>
    private async Task<bool> TakeAsync()
    {
        while (true)
        {
            var message = await NextAsync(_bob!, frame => frame.Type == "msg");
            if (message is not null)
            {
                // What is not acknowledged comes again on a new connection, from the first.
                if (message.Number("seq") > Arrived)
                {
                    Assert.Equal(Arrived + 1, message.Number("seq"));
                    Volatile.Write(ref _arrived, message.Number("seq"));
                }

                Assert.Equal(message.Number("seq").ToString(CultureInfo.InvariantCulture), message.Text("data"));
                await IfOpenAsync(_bob!.AckAsync(Arrived));
            }
            else if (_isOver)
            {
                return true;
            }
            else if (await ReconnectAsync(other, _bob!, _pair.Bob, _pair.Ann, Arrived) is { } again)
            {
                _bob = again;
            }
            else
            {
                return false;
            }
        }
    }

    private Task TrySendAsync(long id) => IfOpenAsync(_ann!.SendMsgAsync($"{id}", id));

    /// <summary>The next such frame; null: the socket is closed.</summary>
    private static async Task<Frame?> NextAsync(SocketClient client, Func<Frame, bool> expected)
    {
        try
        {
            return await client.ExpectAsync("answer or message", expected, Patience);
        }
        catch (FailException) when (client.IsClosed)
        {
            return null;
        }
    }

    /// <summary>Null: the session is lost.</summary>
    private async Task<SocketClient?> ReconnectAsync(TestNode node, SocketClient closed, long user, long peer, long seen)
    {
        var code = await closed.ClosedAsync();
        await closed.DisposeAsync();
        if (code == 4404)
        {
            return null;
        }

        Assert.Contains(code, new int?[] { null, 1011 });
        SocketClient? again = null;
        await Eventually.HoldsAsync("the client is connected again, or its session is gone", async () =>
        {
            try
            {
                again = await SocketClient.ConnectReadyAsync(node, user, peer, new Upgrade { Session = _session, Seen = seen });
                return true;
            }
            catch (Exception e) when (e is WebSocketException or FailException)
            {
                return (await node.Rest.SessionAsync(user, peer)).Code == 40301;
            }
        }, Patience);
        return again;
    }

    private static async Task IfOpenAsync(Task write)
    {
        try
        {
            await write;
        }
        catch (Exception e) when (SocketClient.IsLoss(e))
        {
            // Closed; whoever waits for a frame sees it.
        }
    }
}
