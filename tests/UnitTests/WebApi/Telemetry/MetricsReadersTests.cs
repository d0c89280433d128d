using System.Net;
using Im.WebApi.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Im.UnitTests.WebApi.Telemetry;

public sealed class MetricsReadersTests
{
    private readonly MetricsReaders _readers = new(new() { MetricsReaders = ["10.0.0.0/8", "192.0.2.7"] });

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("192.0.2.7")]
    public void The_own_machine_and_whoever_is_named_may_read(string from) => Assert.True(_readers.Allows(Request(from)));

    [Theory]
    [InlineData("192.0.2.8")]
    [InlineData("11.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData(null)]
    public void Nobody_else_may(string? from) => Assert.False(_readers.Allows(Request(from)));

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("Via")]
    public void Whom_a_proxy_on_the_own_machine_passes_on_is_somebody_else(string header)
    {
        var request = Request("127.0.0.1");
        request.Request.Headers[header] = "127.0.0.1";

        Assert.False(_readers.Allows(request));
    }

    [Theory]
    [InlineData("GET", "/metrics/x")]
    [InlineData("GET", "/")]
    [InlineData("POST", "/metrics")]
    public void Nothing_else_is_the_metrics(string method, string path) => Assert.False(_readers.Allows(Request("127.0.0.1", method, path)));

    private static DefaultHttpContext Request(string? from, string method = "GET", string path = "/metrics")
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        return context;
    }
}
