using System.Text.Json;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;
using Im.IntegrationTests.Telemetry;

namespace Im.IntegrationTests.Deploy;

/// <summary>The deployed Prometheus and dashboard, on two nodes that have something to tell.</summary>
[Collection(nameof(DeploySuite))]
public sealed class DashboardTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Every_panel_shows_what_Prometheus_scrapes_and_every_alert_can_be_evaluated()
    {
        Assert.SkipUnless(Prometheus.IsInstalled, Prometheus.NotInstalled);
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var one = await NodeProcess.StartAsync(redis.ConnectionString, "--Limits:RequestsPerMinute=30");
        await using var other = await NodeProcess.StartAsync(redis.ConnectionString);
        await using var prometheus = await Prometheus.StartAsync(one.BaseAddress, other.BaseAddress);

        // Not only once they have happened: an increase from nothing is none.
        foreach (var code in new[] { 4404, 1011 })
        {
            await Eventually.HoldsAsync($"{code} is counted from the beginning", async () => await prometheus.AskAsync($"im_connections_closed_total{{code=\"{code}\"}}") is [0, 0]);
        }

        // A store that goes and comes back, and somebody who asks too often.
        await redis.KillAsync();
        await Eventually.HoldsAsync("a call fails", async () => (await one.Rest.SessionAsync(Pairs.User(), 1)).Code == 50300);
        await redis.RestartAsync();
        foreach (var node in new[] { one, other })
        {
            await Eventually.HoldsAsync("calls succeed again", async () => (await node.Rest.SessionAsync(Pairs.User(), 1)).Code == 40301, TimeSpan.FromSeconds(60));
        }

        var eager = Pairs.User();
        await Eventually.HoldsAsync("somebody is refused for asking too often", async () => (await one.Rest.SessionAsync(eager, 1)).Code == 42900);

        var waiting = Queries().ToList();
        Assert.NotEmpty(waiting);
        var until = DateTime.UtcNow + Limit;
        while (waiting.Count > 0)
        {
            Assert.True(DateTime.UtcNow < until, $"No data for:\n{string.Join('\n', waiting)}");
            await Task.WhenAll(Gossip.RunAsync(one.BaseAddress, one.Rest), Gossip.RunAsync(other.BaseAddress, other.Rest));
            foreach (var query in waiting.ToList())
            {
                // Not a number: nothing happened within the time that it looks back.
                if ((await prometheus.AskAsync(query)).Any(value => !double.IsNaN(value)))
                {
                    waiting.Remove(query);
                }
            }
        }

        var rules = Regex.Matches(Repository.Read("deploy", "prometheus", "alerts.yml"), "- alert: (.*)").Select(alert => alert.Groups[1].Value);
        await Eventually.HoldsAsync("all alerts are evaluated", async () => (await prometheus.RulesAsync()) is var loaded && rules.All(rule => loaded.GetValueOrDefault(rule) == "ok"));
    }

    /// <summary>The queries of all panels, with what a viewer would have chosen.</summary>
    private static IEnumerable<string> Queries() =>
        JsonDocument.Parse(Repository.Read("deploy", "grafana", "im.json")).RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!
                .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$instance", ".*", StringComparison.Ordinal));
}
