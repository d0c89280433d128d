using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>A websocket by extended CONNECT, over HTTP/2.</summary>
public sealed class Http2Tests(GarnetNode node) : SocketSuite(node), IClassFixture<GarnetNode>
{
    [Fact]
    public async Task A_websocket_over_HTTP_2_stays_open_and_carries_more_than_a_requests_body_may_have()
    {
        await using var http2 = await Fixture.StartAnotherAsync("--Kestrel:EndpointDefaults:Protocols=Http2");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        var session = await AgreeAsync(invoker, http2);
        using var ann = await ConnectAsync(invoker, http2, Ann, Bob, session);
        using var bob = await ConnectAsync(invoker, http2, Bob, Ann, session);
        Assert.Equal("im.v1", ann.SubProtocol);
        var data = new string('x', 10_000);

        for (var id = 1; id <= 20; id++)
        {
            await ann.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { type = "msg", data, id }), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            Assert.Equal((data, id), (await NextAsync(bob, "msg")) is var came ? (came.GetProperty("data").GetString(), came.GetProperty("seq").GetInt32()) : default);
            Assert.Equal(id, (await NextAsync(ann, "sent")).GetProperty("seq").GetInt32());
        }

        await ann.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, ann.CloseStatus);
    }

    [Fact]
    public async Task Pings_pass_over_HTTP_2_whoever_answers_stays_and_whoever_does_not_is_lost()
    {
        await using var http2 = await Fixture.StartAnotherAsync(
            "--Kestrel:EndpointDefaults:Protocols=Http2", "--Messaging:PingInterval=00:00:01", "--Messaging:PingTimeout=00:00:01");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        var session = await AgreeAsync(invoker, http2);

        // Who answers has a second for it, which a busy machine may take from them: then they try again.
        await Eventually.HoldsAsync("who answers no ping is lost, and who does is told of it", async () =>
        {
            // The platform's client answers pings only while somebody reads from it.
            using var bob = await ConnectAsync(invoker, http2, Bob, Ann, session);
            var told = ToldThatAnnIsGoneAsync(bob);
            using var ann = await ConnectAsync(invoker, http2, Ann, Bob, session);
            await Eventually.HoldsAsync("the log says so", () => IsLost(Ann));
            return await told;
        });

        bool IsLost(long user) => http2.Logs.Lines.Any(line => line.Text.StartsWith($"The connection of user {user} was lost (4408).", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Over_HTTP_2_too_a_client_that_has_nothing_to_say_is_no_slow_body()
    {
        await using var http2 = await Fixture.StartAnotherAsync("--Kestrel:EndpointDefaults:Protocols=Http2");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        var session = await AgreeAsync(invoker, http2);
        using var ann = await ConnectAsync(invoker, http2, Ann, Bob, session);
        await NextAsync(ann, "ready");

        // Longer than a body may take its time, and shorter than the first ping.
        await Task.Delay(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken);
        using var bob = await ConnectAsync(invoker, http2, Bob, Ann, session);

        Assert.True((await NextAsync(ann, "presence")).GetProperty("online").GetBoolean());
    }

    /// <summary>True: Ann came and went, while Bob stayed. False: his own connection was lost.</summary>
    private static async Task<bool> ToldThatAnnIsGoneAsync(ClientWebSocket bob)
    {
        try
        {
            while (!(await NextAsync(bob, "presence")).GetProperty("online").GetBoolean())
            {
                // Not yet.
            }

            Assert.False((await NextAsync(bob, "presence")).GetProperty("online").GetBoolean());
            return true;
        }
        catch (Exception e) when (SocketClient.IsLoss(e) && bob.State is not WebSocketState.Open)
        {
            return false;
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(HttpMessageInvoker invoker, TestNode node, long user, long peer, string session)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("im.v1");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {TestNode.Mint(user)}");
        var address = new UriBuilder(new Uri(node.BaseAddress, $"/im/ws?to_user_id={peer}&session={session}")) { Scheme = "ws" }.Uri;
        await socket.ConnectAsync(address, invoker, TestContext.Current.CancellationToken);
        return socket;
    }

    private async Task<string> AgreeAsync(HttpMessageInvoker invoker, TestNode node)
    {
        var session = "";
        foreach (var (from, to) in new[] { (Ann, Bob), (Bob, Ann) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node.BaseAddress, "/im/get_imKey"))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent($$"""{"to_user_id":{{to}}}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new("Bearer", TestNode.Mint(from));
            using var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
            var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            session = answer.GetProperty("data").GetProperty("im_session").GetString()!;
        }

        return session;
    }

    private static async Task<JsonElement> NextAsync(ClientWebSocket socket, string type)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Eventually.Deadline);
        var reader = new MessageReader(socket);
        while (true)
        {
            var message = await reader.NextAsync(timeUp.Token);
            Assert.NotNull(message);
            var frame = JsonElement.Parse(message.Value.Span);
            if (frame.GetProperty("type").GetString() == type)
            {
                return frame;
            }
        }
    }
}
