using System.Net;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Web;

/// <summary>How the node serves the page; no browser is needed for it.</summary>
public sealed class PageFilesTests(GarnetNode node) : IClassFixture<GarnetNode>
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/im-client.js", "text/javascript")]
    [InlineData("/page/app.js", "text/javascript")]
    [InlineData("/page/talk.css", "text/css")]
    [InlineData("/page/favicon.svg", "image/svg+xml")]
    [InlineData("/page/server.json", "application/json")]
    public async Task Each_file_has_its_type_and_a_policy_that_lets_it_do_nothing_but_run_and_talk_to_its_own_host(string path, string type)
    {
        using var answer = await GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var host = node.Node.BaseAddress.Authority;
        var directives = Header(answer, "Content-Security-Policy").Split("; ");
        Assert.Equal(
            [
                "base-uri 'none'", $"connect-src 'self' ws://{host} wss://{host}", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "img-src 'self'",
                "require-trusted-types-for 'script'", "script-src 'self'", "style-src 'self'", "trusted-types 'none'",
            ],
            directives.Order(StringComparer.Ordinal));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
        Assert.Contains("camera=()", Header(answer, "Permissions-Policy"), StringComparison.Ordinal);
        Assert.Equal("no-cache", Header(answer, "Cache-Control"));
    }

    [Fact]
    public async Task Who_has_a_file_already_is_told_that_it_is_the_same()
    {
        using var first = await GetAsync("/page/app.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/page/app.js") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var answer = await node.Node.Http.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_head_has_no_body_and_another_method_gets_the_envelope()
    {
        using var head = await node.Node.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), TestContext.Current.CancellationToken);

        Assert.True(head.Content.Headers.ContentLength > 1000);
        Assert.Equal(40500, (await node.Node.Rest.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/"))).Code);
        Assert.Equal(40400, (await node.Node.Rest.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/page/nothing.js"))).Code);
    }

    [Fact]
    public async Task Switched_off_there_is_nothing()
    {
        await using var plain = await node.StartAnotherAsync("--Web:Page=false");

        foreach (var path in new[] { "/", "/im-client.js", "/page/app.js", "/page/server.json" })
        {
            Assert.Equal(40400, (await plain.Rest.SendAsync(new HttpRequestMessage(HttpMethod.Get, path))).Code);
        }
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task It_says_whether_one_can_register(string open, bool expected)
    {
        await using var other = await node.StartAnotherAsync($"--Accounts:OpenRegistration={open}");

        var answer = JsonElement.Parse(await other.Http.GetStringAsync("/page/server.json", TestContext.Current.CancellationToken));

        Assert.Equal((true, expected), (answer.GetProperty("accounts").GetBoolean(), answer.GetProperty("registration").GetBoolean()));
    }

    private Task<HttpResponseMessage> GetAsync(string path) => node.Node.Http.GetAsync(path, TestContext.Current.CancellationToken);

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
