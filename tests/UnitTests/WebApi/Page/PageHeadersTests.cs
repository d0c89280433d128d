using Im.WebApi.Page;
using Microsoft.AspNetCore.Http;

namespace Im.UnitTests.WebApi.Page;

public sealed class PageHeadersTests
{
    [Theory]
    [InlineData("localhost:8083")]
    [InlineData("chat.example")]
    [InlineData("[::1]:8083")]
    public void The_policy_names_the_websockets_of_the_pages_own_host(string host) =>
        Assert.Contains($"connect-src 'self' ws://{host} wss://{host};", PageHeaders.PolicyFor(new HostString(host)), StringComparison.Ordinal);

    [Theory]
    [InlineData("chat.example; script-src *")]
    [InlineData("chat.example *")]
    [InlineData("chat.example,elsewhere.example")]
    [InlineData("")]
    public void A_host_that_could_add_to_the_policy_stays_out_of_it(string host) =>
        Assert.Contains("connect-src 'self';", PageHeaders.PolicyFor(new HostString(host)), StringComparison.Ordinal);
}
