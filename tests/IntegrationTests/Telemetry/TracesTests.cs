using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Telemetry;

/// <summary>What leaves a node by OTLP.</summary>
public sealed class TracesTests
{
    [Fact]
    public async Task Traces_lead_from_frame_to_store_and_tell_nothing_of_who_talked_or_what()
    {
        await using var collector = await Collector.StartAsync();
        Gossip gossip;
        await using (var node = await TestNode.StartAsync(null, collector.Settings))
        {
            gossip = await Gossip.RunAsync(node.BaseAddress, node.Rest);
            await node.StopAsync(TestContext.Current.CancellationToken);
        }

        // Stopped and disposed of, a node has sent everything.
        var traces = collector.Of("traces");
        Assert.All(
            ["frame msg", "store enqueue", "store exchange", "GET /im/ws", "/im/sessions/{to_user_id}", "http.response.status_code"],
            expected => Assert.Contains(expected, traces, StringComparison.Ordinal));
        Assert.All(["url.path", "url.query", "client.address", "user_agent"], tag => Assert.DoesNotContain(tag, traces, StringComparison.Ordinal));
        gossip.IsNotIn(traces);

        var metrics = collector.Of("metrics");
        Assert.Contains("im.messages.accepted", metrics, StringComparison.Ordinal);
        gossip.IsNotIn(metrics);
    }

    [Fact]
    public async Task A_bad_address_to_send_to_is_one_sentence_that_names_the_setting()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestNode.StartAsync(null, "--OTEL_EXPORTER_OTLP_ENDPOINT=collector"));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", refused.Message, StringComparison.Ordinal);
    }
}
