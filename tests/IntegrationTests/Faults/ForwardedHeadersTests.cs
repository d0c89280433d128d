using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>What the deployed nginx says of a client, and the client of itself: a node believes the one and not the other.</summary>
[Collection(nameof(FaultSuite))]
public sealed class ForwardedHeadersTests(SharedRedis redis)
{
    private const int Unauthenticated = 40101;
    private const int RateLimited = 42900;

    [Fact]
    public async Task Logins_behind_the_proxy_are_counted_by_the_clients_address_whatever_the_client_says_of_it()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        await using var node = await TestNode.StartPatientAsync(redis.Server.ConnectionString, "--Web:TrustedProxies:0=127.0.0.1", "--Limits:LoginsPerMinute=2");
        await using var nginx = await Nginx.StartAsync(node.BaseAddress, node.BaseAddress);
        using var one = From("127.0.0.2");
        using var other = From("127.0.0.3");
        Task<int> AskAsync(HttpClient client, string? saysOfItself = null) => LogInAsync(client, nginx.BaseAddress, saysOfItself);
        async Task<int[]> AskThriceAsync(HttpClient client) => [await AskAsync(client), await AskAsync(client), await AskAsync(client)];
        int[] twoAMinute = [Unauthenticated, Unauthenticated, RateLimited];

        Assert.Equal(twoAMinute, await AskThriceAsync(one));
        Assert.Equal(RateLimited, await AskAsync(one, "127.0.0.9"));
        Assert.Equal(RateLimited, await AskAsync(one, "127.0.0.3, 127.0.0.1"));

        // Past the proxy, too: nobody has to believe who is no proxy.
        Assert.Equal(RateLimited, await LogInAsync(one, node.BaseAddress, "127.0.0.9"));
        Assert.Equal(twoAMinute, await AskThriceAsync(other));
    }

    [Fact]
    public async Task A_page_that_came_without_TLS_is_no_own_page_of_a_proxy_that_ends_TLS_whatever_the_client_says_of_it()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        await using var node = await TestNode.StartPatientAsync(redis.Server.ConnectionString, "--Web:TrustedProxies:0=127.0.0.1");
        await using var nginx = await Nginx.StartAsync(node.BaseAddress, node.BaseAddress, tls: true);

        // Own: refused only for what it asks.
        Assert.Equal(40000, await UpgradeAsync(nginx, "https://chat.example"));
        Assert.Equal(40303, await UpgradeAsync(nginx, "http://chat.example"));
        Assert.Equal(40303, await UpgradeAsync(nginx, "http://chat.example", "X-Forwarded-Proto: http"));
    }

    private static async Task<int> UpgradeAsync(Nginx nginx, string origin, params string[] headers) => (await RefusedUpgrade.AskAsync(
        nginx.BaseAddress, "/im/ws?to_user_id=0", ["Host: chat.example", $"Origin: {origin}", $"Authorization: Bearer {TestNode.Mint(Pairs.User())}", .. headers])).Code;

    private static async Task<int> LogInAsync(HttpClient client, Uri at, string? saysOfItself)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(at, "/user/login")) { Content = JsonContent.Create(new { username = "nobody", password = "no password of anybody" }) };
        if (saysOfItself is not null)
        {
            request.Headers.Add("X-Forwarded-For", saysOfItself);
        }

        return (await new RestClient(client).SendAsync(request)).Code;
    }

    /// <summary>A client with an address of its own: all of 127.0.0.0/8 is this machine.</summary>
    private static HttpClient From(string address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });
}
