using System.Text;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Testing;

namespace Im.UnitTests.WebApi.Wire;

public sealed class EdgeTests
{
    private readonly FakeLogger<Edge> _logger = new();

    [Fact]
    public async Task A_fault_shows_nothing_and_is_logged_once_without_its_message()
    {
        var (status, body) = await InvokeAsync(_ => throw new InvalidOperationException("secret of the request"));

        Assert.Equal(500, status);
        Assert.StartsWith("""{"code":50000,""", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        var entry = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Contains("InvalidOperationException", entry.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", entry.Message, StringComparison.Ordinal);
        Assert.Null(entry.Exception);
    }

    [Theory]
    [InlineData(404, 40400)]
    [InlineData(405, 40500)]
    [InlineData(415, 41500)]
    [InlineData(413, 41300)]
    public async Task A_status_without_a_body_gets_its_envelope(int status, int code)
    {
        var answer = await InvokeAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$"""{"code":{{code}},""", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(413, 41300)]
    [InlineData(400, 40001)]
    [InlineData(408, 40001)]
    public async Task A_request_that_the_server_cannot_read_is_the_clients_fault(int status, int code)
    {
        var answer = await InvokeAsync(_ => throw new BadHttpRequestException("quoted", status));

        Assert.StartsWith($$"""{"code":{{code}},""", answer.Body, StringComparison.Ordinal);
        Assert.Empty(_logger.Collector.GetSnapshot());
    }

    [Fact]
    public async Task A_client_that_went_away_is_no_fault()
    {
        var answer = await InvokeAsync(_ => throw new OperationCanceledException(), clientIsGone: true);

        Assert.Equal("", answer.Body);
        Assert.Empty(_logger.Collector.GetSnapshot());
    }

    private async Task<(int Status, string Body)> InvokeAsync(RequestDelegate next, bool clientIsGone = false)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = new CancellationToken(clientIsGone) };
        context.Response.Body = body;
        await new Edge(next, new RequestScope(new FakeLogger<RequestScope>()), _logger).InvokeAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}
