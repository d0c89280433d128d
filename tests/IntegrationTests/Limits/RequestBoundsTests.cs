using System.Diagnostics;
using Im.IntegrationTests.Harness;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Im.IntegrationTests.Limits;

/// <summary>How long, how slow and how many requests may be, on bare sockets; <c>docs/operations.md</c>, requests.</summary>
public sealed class RequestBoundsTests(GarnetNode fixture) : SocketSuite(fixture), IClassFixture<GarnetNode>
{
    /// <summary>The server looks at its clocks once a second; of the time that it had.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Who_writes_a_header_ever_so_slowly_is_cut_off_after_15_seconds()
    {
        var watch = Stopwatch.StartNew();
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        await raw.SendAsync("GET /health/live HTTP/1.1\r\nHost: im\r\nX-Slow: ");

        var (answer, took) = await TrickleAsync(raw);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(14), TimeSpan.MaxValue);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(15) + Slack);
    }

    [Theory]
    [InlineData("Content-Length: 16000\r\n\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3e80\r\n{")]
    public async Task Who_writes_a_body_ever_so_slowly_is_cut_off_after_a_few_seconds(string rest)
    {
        var watch = Stopwatch.StartNew();
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        await raw.SendAsync($"POST /user/login HTTP/1.1\r\nHost: im\r\nContent-Type: application/json\r\n{rest}");

        var (answer, took) = await TrickleAsync(raw);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("40001", answer, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.MaxValue);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5) + Slack);
    }

    [Fact]
    public async Task A_body_of_the_greatest_length_may_come_slowly_but_steadily()
    {
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        await raw.SendAsync("POST /user/login HTTP/1.1\r\nHost: im\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 16384\r\n\r\n{");
        var watch = Stopwatch.StartNew();
        for (var sent = 0; sent < 16_000;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            var due = Math.Min((int)(watch.Elapsed.TotalSeconds * 2000), 16_000);
            Assert.True(await raw.SendAsync(new string(' ', due - sent)));
            sent = due;
        }

        await raw.SendAsync(new string(' ', 382) + "}");

        // Read whole: what it lacks is named.
        Assert.Contains("40000", (await raw.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chunked")]
    [InlineData("long")]
    [InlineData("endless")]
    public async Task A_body_that_is_too_long_is_answered_and_not_read_to_its_end(string how)
    {
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        var head = "POST /user/login HTTP/1.1\r\nHost: im\r\nContent-Type: application/json\r\n";
        await raw.SendAsync(how switch
        {
            "chunked" => $"{head}Transfer-Encoding: chunked\r\n\r\n4001\r\n{new string(' ', 0x4001)}\r\n0\r\n\r\n",
            "long" => $"{head}Content-Length: 1000000000\r\n\r\n",
            _ => $"{head}Transfer-Encoding: chunked\r\n\r\n",
        });
        var reading = raw.ReadToEndAsync();
        var sent = 0;
        while (how == "endless" && sent < 64 * 1024 * 1024 && await raw.SendAsync($"4000\r\n{new string(' ', 0x4000)}\r\n"))
        {
            sent += 0x4000;
        }

        if (how == "chunked")
        {
            // Within what the server takes along: the connection may go on, and is ended here.
            await raw.SendAsync("GET /health/live HTTP/1.1\r\nHost: im\r\nConnection: close\r\n\r\n");
        }

        var (answer, _) = await reading;
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("41300", answer, StringComparison.Ordinal);
        Assert.InRange(sent, 0, (64 * 1024 * 1024) - 1);
    }

    [Fact]
    public async Task A_body_where_none_is_read_costs_no_more_than_where_one_is()
    {
        using var raw = await RawHttp.ConnectAsync(Node.BaseAddress);
        await raw.SendAsync($"GET /im/sessions/{Bob} HTTP/1.1\r\nHost: im\r\nAuthorization: Bearer {TestNode.Mint(Ann)}\r\nContent-Length: 1000000000\r\n\r\n");

        var (answer, took) = await TrickleAsync(raw);

        Assert.Contains("40301", answer, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5) + Slack);
    }

    [Theory]
    [InlineData(414)]
    [InlineData(431)]
    [InlineData(4310)]
    public async Task A_head_that_is_too_long_is_refused(int which)
    {
        var head = which switch
        {
            414 => $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: im\r\n\r\n",
            431 => $"GET / HTTP/1.1\r\nHost: im\r\n{string.Concat(Enumerable.Range(0, 65).Select(i => $"X-{i}: 1\r\n"))}\r\n",
            _ => $"GET / HTTP/1.1\r\nHost: im\r\nX-Long: {new string('a', 40_000)}\r\n\r\n",
        };

        Assert.StartsWith($"HTTP/1.1 {$"{which}"[..3]} ", await RawHttp.AskAsync(Node.BaseAddress, head), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_is_asked_is_closed()
    {
        Assert.Equal(TimeSpan.FromSeconds(75), Node.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.KeepAliveTimeout);
        await using var node = await TestNode.StartAsync(null, services => services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(2)));
        using var silent = await RawHttp.ConnectAsync(node.BaseAddress);

        // On a machine that stops for two seconds it may be closed before it asks.
        var asking = Eventually.HoldsAsync("who asks is answered, and then closed", async () =>
            (await RawHttp.AskAsync(node.BaseAddress, "GET /health/live HTTP/1.1\r\nHost: im\r\n\r\n")).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
        Assert.Equal("", (await silent.ReadToEndAsync()).Text);
        await asking;
    }

    [Fact]
    public async Task More_connections_than_the_node_takes_are_closed_and_websockets_do_not_count()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:MaxHttpConnections=3");
        await node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
        node.Http.Dispose();
        var held = new List<RawHttp>();
        try
        {
            // The client of the test itself may hold one for a moment longer.
            await Eventually.HoldsAsync("three have a place", async () =>
            {
                while (held.Count < 3)
                {
                    var raw = await RawHttp.ConnectAsync(node.BaseAddress);
                    if (!await AnswersAsync(raw))
                    {
                        raw.Dispose();
                        return false;
                    }

                    held.Add(raw);
                }

                return true;
            });

            using var fourth = await RawHttp.ConnectAsync(node.BaseAddress);
            await fourth.SendAsync("GET /health/live HTTP/1.1\r\nHost: im\r\n\r\n");
            Assert.Equal("", (await fourth.ReadToEndAsync()).Text);
            await ann.SendMsgAsync("undisturbed", id: 1);
            await bob.NextAsync("msg");
        }
        finally
        {
            held.ForEach(raw => raw.Dispose());
        }
    }

    /// <summary>Whether the node has a place for this connection, which then stays open.</summary>
    private static async Task<bool> AnswersAsync(RawHttp raw)
    {
        await raw.SendAsync("GET /health/live HTTP/1.1\r\nHost: im\r\n\r\n");
        return (await raw.ReadSomeAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
    }

    /// <summary>Sends a byte now and then until the node hangs up; says how much time it had until then.</summary>
    private static async Task<(string Answer, TimeSpan Took)> TrickleAsync(RawHttp raw)
    {
        var began = OwnTime.Clock.GetTimestamp();
        var reading = raw.ReadToEndAsync(4 * Eventually.Deadline);
        while (!reading.IsCompleted)
        {
            await raw.SendAsync("a");
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken));
        }

        return ((await reading).Text, OwnTime.Clock.GetElapsedTime(began));
    }
}
