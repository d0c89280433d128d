using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Deploy;

/// <summary>A real Prometheus with the deployed configuration and rules, which scrapes the test's nodes once a second.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    /// <summary>Why a test that needs one is skipped.</summary>
    public const string NotInstalled = "prometheus is not installed.";

    private readonly Process _process;
    private readonly string _folder;
    private readonly HttpClient _http;

    private Prometheus(Process process, string folder, int port)
    {
        (_process, _folder) = (process, folder);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static bool IsInstalled { get; } = Executable.Find("prometheus") is not null;

    /// <summary>Starts one and waits until it has scraped all nodes.</summary>
    public static async Task<Prometheus> StartAsync(params Uri[] nodes)
    {
        var folder = Directory.CreateTempSubdirectory("im-prometheus-").FullName;
        foreach (var name in new[] { "prometheus.yml", "alerts.yml" })
        {
            var text = Repository.Read("deploy", "prometheus", name).Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
        }

        var targets = string.Join(", ", nodes.Select(node => $"\"{node.Authority}\""));
        var deployed = Repository.Read("deploy", "prometheus", "nodes.yml");
        Assert.Contains("[\"127.0.0.1:8083\", \"127.0.0.1:8084\"]", deployed, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "nodes.yml"), deployed.Replace("\"127.0.0.1:8083\", \"127.0.0.1:8084\"", targets, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var port = FreePort.Find();
        var process = Executable.Launch("prometheus",
            [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}"]);
        var prometheus = new Prometheus(process, folder, port);
        await Eventually.HoldsAsync("all nodes are scraped", async () => (await prometheus.AskAsync("up{job=\"im\"} == 1")).Count == nodes.Length, TimeSpan.FromSeconds(90));
        return prometheus;
    }

    /// <summary>The values that a query has now, by series; none while it does not answer.</summary>
    public async Task<IReadOnlyList<double>> AskAsync(string query)
    {
        try
        {
            var answer = await _http.GetFromJsonAsync<JsonElement>($"/api/v1/query?query={Uri.EscapeDataString(query)}", TestContext.Current.CancellationToken);
            return [.. answer.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(series => double.Parse(series.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            return [];
        }
    }

    /// <summary>The rules that it has loaded, by name, and whether it can evaluate each.</summary>
    public async Task<Dictionary<string, string>> RulesAsync() =>
        (await _http.GetFromJsonAsync<JsonElement>("/api/v1/rules", TestContext.Current.CancellationToken))
            .GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .ToDictionary(rule => rule.GetProperty("name").GetString()!, rule => rule.GetProperty("health").GetString()!);

    public async ValueTask DisposeAsync()
    {
        await Executable.EndAsync(_process);
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
