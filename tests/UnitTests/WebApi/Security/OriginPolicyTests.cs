using Im.WebApi.Security;
using Microsoft.AspNetCore.Http;

namespace Im.UnitTests.WebApi.Security;

public sealed class OriginPolicyTests
{
    private readonly OriginPolicy _policy = new(new WebOptions { AllowedOrigins = ["https://Chat.Example:443", "http://a.example:81"] });

    [Theory]
    [InlineData(null, "im.example", true)]
    [InlineData("http://im.example", "im.example", true)]
    [InlineData("http://IM.example:80", "im.example", true)]
    [InlineData("http://im.example:8083", "im.example:8083", true)]
    [InlineData("https://im.example:8083", "im.example:8083", true)]
    [InlineData("http://[::1]:8083", "[::1]:8083", true)]
    [InlineData("https://xn--bcher-kva.example", "xn--bcher-kva.example", true)]
    [InlineData("https://im.example", "xn--0", false)]
    [InlineData("https://im.example", "im.example:99999999999", false)]
    [InlineData("https:\\/im.example", "im.example", false)]
    [InlineData("http://im.example:8084", "im.example:8083", false)]
    [InlineData("https://im.example:8443", "im.example", false)]
    [InlineData("http://evil.example", "im.example", false)]
    [InlineData("other://im.example:80", "im.example", false)]
    [InlineData("https://chat.example", "im.example", true)]
    [InlineData("http://a.example:81", "im.example", true)]
    [InlineData("http://a.example", "im.example", false)]
    [InlineData("http://chat.example", "im.example", false)]
    [InlineData("null", "im.example", false)]
    [InlineData("", "im.example", false)]
    [InlineData("http://im.example@evil.example", "im.example", false)]
    public void Own_and_allowed_origins_pass(string? origin, string host, bool allowed) =>
        Assert.Equal(allowed, _policy.Allows(RequestOf("http", host, origin)));

    [Fact]
    public void The_own_origin_passes_behind_a_proxy_that_ends_TLS_and_does_not_say_so() =>
        Assert.True(_policy.Allows(RequestOf("http", "im.example", "https://im.example")));

    [Theory]
    [InlineData("https://im.example", true)]
    [InlineData("http://im.example", false)]
    public void Where_the_node_sees_TLS_a_page_that_came_without_is_another_origin(string origin, bool allowed) =>
        Assert.Equal(allowed, _policy.Allows(RequestOf("https", "im.example", origin)));

    [Theory]
    [InlineData("https://chat.example/")]
    [InlineData("https://chat.example/path")]
    [InlineData("chat.example")]
    [InlineData("*")]
    [InlineData("null")]
    public void What_is_no_origin_is_not_taken_for_one(string origin) => Assert.Null(OriginPolicy.Normalise(origin));

    private static HttpRequest RequestOf(string scheme, string host, string? origin)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = scheme;
        request.Host = new HostString(host);
        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        return request;
    }
}
