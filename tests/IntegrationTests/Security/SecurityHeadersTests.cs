using System.Net.Http.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Security;

/// <summary>What every answer tells browsers, whoever gives it.</summary>
public sealed class SecurityHeadersTests(GarnetNode fixture) : SocketSuite(fixture), IClassFixture<GarnetNode>
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    [Theory]
    [InlineData("success", 200)]
    [InlineData("a field at fault", 400)]
    [InlineData("a malformed body", 400)]
    [InlineData("no token", 401)]
    [InlineData("wrong credentials", 401)]
    [InlineData("no session", 403)]
    [InlineData("no route", 404)]
    [InlineData("another method", 405)]
    [InlineData("too large", 413)]
    [InlineData("another type", 415)]
    [InlineData("no upgrade", 426)]
    [InlineData("too often", 429)]
    [InlineData("alive", 200)]
    [InlineData("ready", 200)]
    [InlineData("description", 200)]
    [InlineData("metrics", 200)]
    public async Task Every_answer_is_no_page_belongs_to_this_origin_and_is_kept_by_nobody(string what, int status)
    {
        await using var node = what is "too often" ? await Fixture.StartAnotherAsync("--Limits:RequestsPerMinute=1") : null;
        using var answer = await AskAsync(node ?? Node, what);

        Assert.Equal(status, (int)answer.StatusCode);
        IsGuarded(name => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null, Nothing);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Contains("no-store", $"{answer.Headers.CacheControl}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/im-client.js")]
    [InlineData("/page/server.json")]
    public async Task The_page_is_guarded_too_and_keeps_its_own_policy(string path)
    {
        using var answer = await Node.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Contains("script-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-cache", $"{answer.Headers.CacheControl}");
        IsGuarded(name => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null, policy: null);
    }

    [Fact]
    public async Task A_refused_upgrade_is_guarded_and_an_accepted_one_says_nothing_of_it()
    {
        var refused = await RefusedUpgrade.AskAsync(Node, Ann, $"to_user_id={Bob}");
        IsGuarded(name => Header(refused.Head, name), Nothing);
        Assert.Equal("no-store", Header(refused.Head, "Cache-Control"));

        await Node.Rest.AgreeAsync(Ann, Bob);
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        await raw.SendAsync(
            $"GET /im/ws?to_user_id={Bob} HTTP/1.1\r\nHost: im\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {TestNode.Mint(Ann)}\r\n\r\n");
        var head = await raw.ReadSomeAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Null(Header(head, "Content-Security-Policy"));
        Assert.Null(Header(head, "Server"));
    }

    [Fact]
    public async Task What_the_server_itself_refuses_says_nothing_of_the_server()
    {
        foreach (var request in new[] { "nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: im\r\n\r\n", "GET / HTTP/1.1\r\nHost: im\r\nbad header\r\n\r\n" })
        {
            var answer = await RawHttp.AskAsync(Node.BaseAddress, request);
            Assert.Matches("^HTTP/1.1 (400|505) ", answer);
            Assert.Null(Header(answer, "Server"));
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "https", true)]
    [InlineData("127.0.0.1", "http", false)]
    [InlineData("127.0.0.9", "https", false)]
    public async Task Only_who_came_by_TLS_as_a_trusted_proxy_says_is_told_to_do_so_always(string trusted, string scheme, bool told)
    {
        await using var node = await Fixture.StartAnotherAsync($"--Web:TrustedProxies:0={trusted}");

        foreach (var path in new[] { "/", "/health/live", "/nothing" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-For", "192.0.2.1" }, { "X-Forwarded-Proto", scheme } } };
            using var answer = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(told ? ["max-age=31536000"] : [], answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values : []);
        }
    }

    private static void IsGuarded(Func<string, string?> header, string? policy)
    {
        Assert.Equal("nosniff", header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", header("Referrer-Policy"));
        Assert.Equal("same-origin", header("Cross-Origin-Resource-Policy"));
        Assert.Null(header("Server"));
        Assert.Null(header("X-Powered-By"));
        Assert.Equal(policy ?? header("Content-Security-Policy"), header("Content-Security-Policy"));
    }

    private static string? Header(string head, string name) => head.Split("\r\n\r\n")[0].Split("\r\n")
        .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).SingleOrDefault();

    private async Task<HttpResponseMessage> AskAsync(TestNode node, string what)
    {
        using var request = what switch
        {
            "success" => Exchange(JsonContent.Create(new { to_user_id = Bob })),
            "a field at fault" => Exchange(JsonContent.Create(new { to_user_id = 0 })),
            "a malformed body" => Exchange(new StringContent("{", null, "application/json")),
            "no token" => new HttpRequestMessage(HttpMethod.Get, $"/im/sessions/{Bob}"),
            "wrong credentials" => new HttpRequestMessage(HttpMethod.Post, "/user/login") { Content = JsonContent.Create(new { username = $"user {Ann}", password = "no password of anybody" }) },
            "no session" or "too often" => ByAnn(HttpMethod.Get, $"/im/sessions/{Bob}"),
            "no route" => new HttpRequestMessage(HttpMethod.Get, "/nothing"),
            "another method" => ByAnn(HttpMethod.Get, "/im/get_imKey"),
            "too large" => Exchange(new StringContent(new string(' ', 17_000), null, "application/json")),
            "another type" => Exchange(new StringContent("to_user_id: 7", null, "text/plain")),
            "no upgrade" => ByAnn(HttpMethod.Get, "/im/ws"),
            "alive" => new HttpRequestMessage(HttpMethod.Get, "/health/live"),
            "ready" => new HttpRequestMessage(HttpMethod.Get, "/health/ready"),
            "description" => new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json"),
            "metrics" => new HttpRequestMessage(HttpMethod.Get, "/metrics"),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        if (what == "too often")
        {
            await node.Rest.SessionAsync(Ann, Bob);
        }

        return await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private HttpRequestMessage Exchange(HttpContent content)
    {
        var request = ByAnn(HttpMethod.Post, "/im/get_imKey");
        request.Content = content;
        return request;
    }

    private HttpRequestMessage ByAnn(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", TestNode.Mint(Ann));
        return request;
    }
}
