using System.Net;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Security;

/// <summary>Which pages may call the REST surface, and what a browser is told of it.</summary>
public sealed class CrossOriginTests(GarnetNode fixture) : SocketSuite(fixture), IClassFixture<GarnetNode>
{
    private const string Allowed = "https://chat.example";
    private const string Foreign = "https://evil.example";

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("https://chat.example:444", false)]
    [InlineData("https://chat.example", true)]
    [InlineData("own", true)]
    [InlineData(null, true)]
    public async Task A_foreign_page_can_neither_make_an_account_nor_try_a_password_nor_ask_for_a_key(string? origin, bool may)
    {
        await using var node = await StartAsync("--Limits:LoginsPerMinute=3");
        origin = origin == "own" ? node.BaseAddress.GetLeftPart(UriPartial.Authority) : origin;
        var name = $"user {Ann}";

        // A form, as a page can send it without asking.
        var register = await SendAsync(node, HttpMethod.Post, "/user/register", origin, Form(name));
        var exchange = await SendAsync(node, HttpMethod.Post, "/im/get_imKey", origin, new FormUrlEncodedContent([new("to_user_id", $"{Bob}")]));

        Assert.Equal(may ? (0, 0) : (40303, 40303), (register.Code, exchange.Code));
        Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.Forbidden, register.Status);
        if (!may)
        {
            // Nor does it use up what the visitor themselves may try.
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(40303, (await SendAsync(node, HttpMethod.Post, "/user/login", origin, Form(name))).Code);
            }

            Assert.Equal(40101, (await SendAsync(node, HttpMethod.Post, "/user/login", null, Form(name))).Code);
        }
    }

    [Theory]
    [InlineData(Allowed, true)]
    [InlineData(Foreign, false)]
    [InlineData("null", false)]
    public async Task A_browser_that_asks_beforehand_is_told_what_an_allowed_page_may_and_nothing_of_others(string origin, bool allowed)
    {
        await using var node = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, "/im/get_imKey")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization,content-type" } },
        };

        using var answer = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(allowed ? [origin] : [], Values(answer, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed, Values(answer, "Access-Control-Allow-Methods").Any());
        Assert.Empty(Values(answer, "Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task An_allowed_page_may_read_the_answer_and_how_long_to_wait()
    {
        await using var node = await StartAsync();
        var answer = await SendAsync(node, HttpMethod.Get, $"/im/sessions/{Bob}", Allowed);

        Assert.Equal(40301, answer.Code);
        Assert.Equal([Allowed], Values(answer.Response, "Access-Control-Allow-Origin"));
        Assert.Equal(["Retry-After"], Values(answer.Response, "Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task The_page_and_the_health_are_there_for_whoever_asks()
    {
        foreach (var path in new[] { "/", "/im-client.js", "/health/live" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", Foreign } } };
            using var answer = await Node.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Empty(Values(answer, "Access-Control-Allow-Origin"));
        }
    }

    private static FormUrlEncodedContent Form(string name) => new([new("username", name), new("email", $"{name.Replace(' ', '.')}@example.org"), new("password", "a long password")]);

    private static IEnumerable<string> Values(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values : [];

    private Task<TestNode> StartAsync(params string[] settings) => Fixture.StartAnotherAsync([$"--Web:AllowedOrigins:0={Allowed}", .. settings]);

    private Task<Answer> SendAsync(TestNode node, HttpMethod method, string path, string? origin, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new("Bearer", TestNode.Mint(Ann));
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return node.Rest.SendAsync(request);
    }
}
