using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Im.WebApi.Telemetry;

namespace Im.UnitTests.Documents;

/// <summary>What <c>docs/operations.md</c>, the alert rules and the dashboard say of metrics is what there is.</summary>
public sealed partial class MetricsPageTests
{
    private static readonly Page Operations = Page.Read("docs", "operations.md");

    [Fact]
    public void Every_metric_is_in_the_table_and_every_row_of_it_is_a_metric() =>
        Assert.Equal(Exported().Order(StringComparer.Ordinal), Row().Matches(Operations.Text).Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("deploy", "prometheus", "alerts.yml")]
    [InlineData("deploy", "grafana", "im.json")]
    public void What_is_deployed_asks_for_metrics_that_there_are(params string[] path)
    {
        var asked = Name().Matches(Page.Read(path).Text).Select(name => Series().Replace(name.Value, "")).Distinct().ToList();

        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(Exported()));
    }

    [Fact]
    public void Every_alert_says_what_to_do_and_is_in_the_page()
    {
        var alerts = Page.Read("deploy", "prometheus", "alerts.yml").Text.Split("- alert: ").Skip(1).ToList();

        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert => Assert.Contains("          action: \"", alert, StringComparison.Ordinal));
        Assert.Equal(alerts.Select(alert => alert.Split('\n')[0]), Alert().Matches(Operations.Text).Select(row => row.Groups[1].Value));
    }

    private static HashSet<string> Exported()
    {
        RuntimeHelpers.RunClassConstructor(typeof(NodeMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(Assembly.Load("Im.Infrastructure").GetType("Im.Infrastructure.Redis.StoreTelemetry", throwOnError: true)!.TypeHandle);
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("Im.", StringComparison.Ordinal))
                {
                    lock (names)
                    {
                        names.Add(Exported(instrument));
                    }
                }
            },
        };
        listener.Start();
        return names;
    }

    // As the exporter does: the unit behind the name, and what only grows is a total.
    private static string Exported(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit is "s" ? "_seconds" : "") + (instrument is Counter<long> ? "_total" : "");

    [GeneratedRegex(@"^\| `(im_\w+)`", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `(Im\w+)`", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"\bim_\w+")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Series();
}
