using System.Net;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Telemetry;

/// <summary><c>/metrics</c> as a scraper reads it; <c>docs/operations.md</c>, metrics.</summary>
[Collection(nameof(MetricsSuite))]
public sealed partial class MetricsTests(GarnetNode node) : IClassFixture<GarnetNode>
{
    /// <summary>Labels that have few values, all known beforehand; <c>le</c> and <c>otel_scope_name</c> are the format's own.</summary>
    private static readonly string[] Labels =
        ["le", "otel_scope_name", "mode", "code", "type", "repeated", "waited", "queue", "limit", "outcome", "script", "reason"];

    /// <summary>What a conversation leaves behind.</summary>
    private static readonly string[] Expected =
    [
        "im_connections_open{[^}]*mode=\"im.v1\"}", "im_connections_closed_total{[^}]*code=\"1000\"}",
        "im_exchanges_total{[^}]*outcome=\"waiting\"}", "im_exchanges_total{[^}]*outcome=\"completed\"}",
        "im_messages_accepted_total{[^}]*repeated=\"false\"}", "im_messages_accepted_total{[^}]*repeated=\"true\"}",
        "im_messages_written_total{[^}]*waited=\"true\"}", "im_messages_written_total{[^}]*waited=\"false\"}",
        "im_messages_delivered_total{[^}]*}", "im_messages_delivery_duration_seconds_count{[^}]*}", "im_pages_read_total{[^}]*}",
        "im_frames_refused_total{[^}]*code=\"40902\",type=\"msg\"}", "im_queue_depth{[^}]*queue=\"answers\"}",
        "im_store_call_duration_seconds_count{[^}]*script=\"enqueue\"}",
    ];

    [Fact]
    public async Task After_a_conversation_it_is_counted_and_nothing_tells_who_talked_or_what()
    {
        var gossip = await Gossip.RunAsync(node.Node.BaseAddress, node.Node.Rest);

        var scraped = "";
        await Eventually.HoldsAsync("the whole conversation is counted", async () => IsCounted(scraped = await ScrapeAsync()));

        gossip.IsNotIn(scraped);
        Assert.Matches("""(?m)^http_server_request_duration_seconds_count\{.*http_route="/im/get_imKey".*\} \d""", scraped);
    }

    [Fact]
    public async Task Every_metric_is_documented_and_every_label_has_few_values()
    {
        await Gossip.RunAsync(node.Node.BaseAddress, node.Node.Rest);
        var scraped = await ScrapeAsync();
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"), TestContext.Current.CancellationToken);

        var families = Family().Matches(scraped).Select(family => family.Groups[1].Value).ToList();
        Assert.NotEmpty(families);
        Assert.All(families, family => Assert.Contains($"| `{family}` |", page, StringComparison.Ordinal));
        Assert.Empty(Sample().Matches(scraped).SelectMany(sample => Label().Matches(sample.Value)).Select(label => label.Groups[1].Value).Distinct().Except(Labels));
    }

    [Fact]
    public async Task Prometheus_finds_nothing_to_say_against_them()
    {
        await Gossip.RunAsync(node.Node.BaseAddress, node.Node.Rest);

        // The service's own: some names of the platform's are not to its taste.
        await Promtool.AcceptsAsync(string.Concat(Own().Matches(await ScrapeAsync()).Select(line => line.Value)), "check", "metrics");
    }

    [Fact]
    public Task Prometheus_takes_the_alert_rules() => Promtool.AcceptsAsync("", "check", "rules", Repository.PathOf("deploy", "prometheus", "alerts.yml"));

    [Fact]
    public Task Prometheus_takes_the_configuration() => Promtool.AcceptsAsync("", "check", "config", Repository.PathOf("deploy", "prometheus", "prometheus.yml"));

    [Fact]
    public async Task Whom_a_proxy_passes_on_finds_nothing_there()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");

        using var answer = await node.Node.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("40400", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static bool IsCounted(string scraped) => Expected.All(expected => Regex.IsMatch(scraped, $@"(?m)^{expected} \d"));

    private Task<string> ScrapeAsync() => node.Node.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    [GeneratedRegex(@"^# TYPE (im_\w+) ", RegexOptions.Multiline)]
    private static partial Regex Family();

    [GeneratedRegex(@"^im_\w+\{.*\} ", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(\w+)=""")]
    private static partial Regex Label();

    [GeneratedRegex(@"^(# \w+ )?im_.*\n", RegexOptions.Multiline)]
    private static partial Regex Own();
}
