using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Im.Application.Messaging;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Store;

/// <summary>How publications come from the store to who listens: on the node's own connections, or on the library's.</summary>
public sealed class PublicationPathTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publication_is_heard_once_over_the_nodes_connections_and_over_the_librarys_own(bool isLibrarys)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new ConnectProxy();
        await using var node = await TestNode.StartPatientAsync(isLibrarys ? $"{redis.ConnectionString},tunnel=http:127.0.0.1:{proxy.Port}" : redis.ConnectionString);
        var talk = StoreConversation.On(node);
        var session = await talk.AgreeAsync();
        var listener = new Listener();
        await using var subscription = (await talk.Events.SubscribeAsync(session, talk.Bob, listener, Cancelled)).Value;
        var ann = await talk.AttachAsync(talk.Ann);

        var sent = await talk.SendAsync(ann, "hello", id: 1);
        Assert.True(sent.IsOk);
        Assert.True((await talk.SendAsync(ann, "again", id: 2)).IsOk);

        await Eventually.HoldsAsync("both were heard", () => listener.Messages.Count >= 2);
        Assert.Equal(["again", "hello"], listener.Messages.Order());
        Assert.Equal(isLibrarys, proxy.Connections > 0);
    }

    [Fact]
    public async Task A_channel_is_found_by_its_name_while_somebody_listens_and_no_other_name_is()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString);
        var channels = node.Services.GetRequiredService<RedisChannels>();
        var find = node.Services.GetRequiredService<RedisConnection>().Targets!;
        var heard = new List<string>();
        var longest = new string('x', RedisKeys.MaxChannel);

        Assert.Null(find("im:{1_2}:to:1"u8));
        var first = (await channels.SubscribeAsync("im:{1_2}:to:1", bytes => heard.Add(Encoding.ASCII.GetString(bytes.Span)), Cancelled)).Value;
        await using var second = (await channels.SubscribeAsync(longest, _ => { }, Cancelled)).Value;

        find("im:{1_2}:to:1"u8)!.Hear("hello"u8.ToArray());
        Assert.Equal(["hello"], heard);
        Assert.NotNull(find(Encoding.ASCII.GetBytes(longest)));
        Assert.Null(find([]));
        Assert.Null(find("im:{1_2}:to:2"u8));
        Assert.Null(find("im:{1_2}:to:\u00e9"u8));
        Assert.Null(find(Encoding.ASCII.GetBytes(longest + "x")));
        Assert.Null(find(new byte[100_000]));

        await first.DisposeAsync();
        Assert.Null(find("im:{1_2}:to:1"u8));
    }

    [Fact]
    public async Task A_listener_that_fails_keeps_no_other_from_hearing()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString);
        var channels = node.Services.GetRequiredService<RedisChannels>();
        var heard = new List<string>();
        await using var failing = (await channels.SubscribeAsync("im:{1_2}:to:1", _ => throw new InvalidOperationException(), Cancelled)).Value;
        await using var other = (await channels.SubscribeAsync("im:{1_2}:to:1", bytes => heard.Add(Encoding.ASCII.GetString(bytes.Span)), Cancelled)).Value;

        node.Services.GetRequiredService<RedisConnection>().Targets!("im:{1_2}:to:1"u8)!.Hear("hello"u8.ToArray());

        Assert.Equal(["hello"], heard);
    }

    private sealed class Listener : ISessionListener
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public void OnEvent(SessionEvent sessionEvent)
        {
            if (sessionEvent is SessionEvent.MessagesStored stored)
            {
                foreach (var body in stored.Bodies)
                {
                    Messages.Enqueue(Encoding.UTF8.GetString(body.Span));
                }
            }
        }
    }

    /// <summary>An HTTP proxy that knows CONNECT only, to any loopback port.</summary>
    private sealed class ConnectProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;
        private int _connections;

        public ConnectProxy()
        {
            _listener.Start();
            _running = RunAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Connections => _connections;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _running;
            _stop.Dispose();
        }

        private async Task RunAsync()
        {
            var serving = new List<Task>();
            try
            {
                while (true)
                {
                    serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
                    Interlocked.Increment(ref _connections);
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(serving);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var left = client;
            using var right = new TcpClient();
            try
            {
                var near = left.GetStream();
                var request = "";
                var one = new byte[1];
                while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    await near.ReadExactlyAsync(one, _stop.Token);
                    request += (char)one[0];
                }

                await right.ConnectAsync(IPEndPoint.Parse(request.Split(' ')[1]), _stop.Token);
                await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stop.Token);
                var far = right.GetStream();
                await Task.WhenAny(near.CopyToAsync(far, _stop.Token), far.CopyToAsync(near, _stop.Token));
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                // One end has gone; so does the other.
            }
        }
    }
}
