using System.Net;
using System.Net.WebSockets;
using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary><c>GET /ws</c>, the connection test.</summary>
public sealed class ConnectionTestTests(GarnetNode node) : IClassFixture<GarnetNode>
{
    [Fact]
    public async Task It_says_hello_at_once_and_again_until_the_client_closes_and_needs_no_token()
    {
        await using var testing = await node.StartAnotherAsync("--Web:ConnectionTest=true");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(testing.BaseAddress, "/ws?id=7")) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        var buffer = new byte[64];

        for (var i = 0; i < 2; i++)
        {
            var hello = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            Assert.Equal("hello, WebSocket", Encoding.UTF8.GetString(buffer, 0, hello.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_node_that_stops_lets_nobody_in_here_either()
    {
        var held = new HeldStop();
        await using var stopping = await node.StartAnotherAsync(held.AddTo, "--Web:ConnectionTest=true");
        await using var stop = await held.BeginAsync(stopping);

        Assert.Equal(50300, (await RefusedUpgrade.AskAsync(stopping, "/ws?id=7")).Code);
    }

    [Fact]
    public async Task In_production_it_does_not_exist_unless_switched_on() =>
        Assert.Equal(HttpStatusCode.NotFound, (await node.Node.Http.GetAsync("/ws?id=7", TestContext.Current.CancellationToken)).StatusCode);
}
