using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Im.IntegrationTests.Harness;

/// <summary>A node as a process of its own, which can die as one does. It keeps its port, so that clients come back to it.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int MaxLines = 10_000;

    private readonly string _program;
    private readonly string[] _settings;
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Dictionary<string, string> _environment;
    private Process? _process;

    private NodeProcess(int port, string program, string[] settings, Dictionary<string, string> environment)
    {
        _program = program;
        _environment = environment;
        BaseAddress = new Uri($"http://127.0.0.1:{port}");
        _http = new HttpClient { BaseAddress = BaseAddress };
        Rest = new RestClient(_http);
        _settings = [$"--Urls={BaseAddress.GetLeftPart(UriPartial.Authority)}", .. settings];
    }

    public Uri BaseAddress { get; }

    public RestClient Rest { get; }

    /// <summary>What it wrote, over all its lives.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The faults that it logged, over all its lives.</summary>
    public IEnumerable<string> Faults => _lines.Where(line => line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal)
        || line.Contains("\"LogLevel\":\"Critical\"", StringComparison.Ordinal) || line.StartsWith("Unhandled", StringComparison.Ordinal)
        || line.StartsWith("Out of memory", StringComparison.Ordinal));

    /// <summary>Starts one and waits until it is ready.</summary>
    public static Task<NodeProcess> StartAsync(string redis, params string[] args) => StartAsync([], redis, args);

    /// <summary>Starts one whose working, home, data and temporary folders are this one, so that whatever it writes is in there.</summary>
    public static Task<NodeProcess> StartInAsync(string folder, string redis, params string[] args) =>
        StartAsync(new() { ["HOME"] = folder, ["TMPDIR"] = folder, ["XDG_DATA_HOME"] = folder }, redis, args);

    /// <summary>Starts one whose managed memory ends here: beyond, its allocations fail.</summary>
    public static Task<NodeProcess> StartWithHeapAsync(long bytes, string redis, params string[] args) =>
        StartAsync(new() { ["DOTNET_GCHeapHardLimit"] = $"0x{bytes:x}" }, redis, args);

    /// <summary>Starts one that was published, with nothing set but this environment.</summary>
    /// <param name="program">Its <c>Im.WebApi.dll</c>.</param>
    /// <param name="environment">All its settings but <c>Urls</c>.</param>
    public static Task<NodeProcess> StartPublishedAsync(string program, Dictionary<string, string> environment) => StartAsync(program, [], environment);

    private static Task<NodeProcess> StartAsync(Dictionary<string, string> environment, string redis, string[] args) => StartAsync(
        Path.Combine(AppContext.BaseDirectory, "Im.WebApi.dll"),
        [
            "--environment=Production",
            $"--contentRoot={AppContext.BaseDirectory}",
            $"--Jwt:SigningKey={Tokens.SigningKey}",
            $"--Redis:ConnectionString={redis}",
            "--Logging:LogLevel:Default=Warning",
            .. args,
        ],
        environment);

    private static async Task<NodeProcess> StartAsync(string program, string[] settings, Dictionary<string, string> environment)
    {
        for (var attempt = 1; ; attempt++)
        {
            var node = new NodeProcess(FreePort.Find(), program, settings, environment);
            if (await node.TryRunAsync())
            {
                return node;
            }

            // Another process took the port between the look and the start.
            await node.DisposeAsync();
            Assert.True(attempt < 3, $"The node did not start:\n{string.Join('\n', node._lines)}");
        }
    }

    /// <summary>Ends it with SIGKILL: no goodbye, nothing put in order.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Tells it to stop with SIGTERM; its exit status, and how long that took, of the time that this process had meanwhile.</summary>
    public async Task<(int Status, TimeSpan Took)> TerminateAsync()
    {
        var began = OwnTime.Clock.GetTimestamp();
        using (var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(4 * Eventually.Deadline);
        await _process.WaitForExitAsync(timeUp.Token);
        return (_process.ExitCode, OwnTime.Clock.GetElapsedTime(began));
    }

    /// <summary>Starts it again, where it was; returns when it is ready.</summary>
    public async Task RestartAsync() => Assert.True(await TryRunAsync(), $"The node did not start again:\n{string.Join('\n', _lines)}");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _http.Dispose();
    }

    private async Task<bool> TryRunAsync()
    {
        _process?.Dispose();
        var process = _process = Launch();
        var until = DateTime.UtcNow + (3 * Eventually.Deadline);
        while (DateTime.UtcNow < until && !process.HasExited)
        {
            if (await IsReadyAsync() && !process.HasExited)
            {
                return true;
            }

            await Task.Delay(30, TestContext.Current.CancellationToken);
        }

        return false;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            return false;
        }
    }

    private Process Launch()
    {
        // The runtime that runs the tests, wherever it is installed.
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = _environment.GetValueOrDefault("HOME", "");
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in _settings.Prepend(_program))
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(string? line)
    {
        if (line is not null && _lines.Count < MaxLines)
        {
            _lines.Enqueue(line);
        }
    }
}
