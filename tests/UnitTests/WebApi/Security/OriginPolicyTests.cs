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
    [InlineData("http://im.example:8084", "im.example:8083", false)]
    [InlineData("https://im.example", "im.example", false)]
    [InlineData("http://evil.example", "im.example", false)]
    [InlineData("https://chat.example", "im.example", true)]
    [InlineData("http://a.example:81", "im.example", true)]
    [InlineData("http://a.example", "im.example", false)]
    [InlineData("http://chat.example", "im.example", false)]
    [InlineData("null", "im.example", false)]
    [InlineData("", "im.example", false)]
    [InlineData("http://im.example@evil.example", "im.example", false)]
    public void Own_and_allowed_origins_pass(string? origin, string host, bool allowed)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = "http";
        request.Host = new HostString(host);
        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        Assert.Equal(allowed, _policy.Allows(request));
    }

    [Theory]
    [InlineData("https://chat.example/")]
    [InlineData("https://chat.example/path")]
    [InlineData("chat.example")]
    [InlineData("*")]
    [InlineData("null")]
    public void What_is_no_origin_is_not_taken_for_one(string origin) => Assert.Null(OriginPolicy.Normalise(origin));
}
