using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>One run of the built tool as a process: its input, what it printed, how it ended.</summary>
internal sealed class ToolRun : IAsyncDisposable
{
    /// <summary>For what several processes do, which have to start first, on a busy machine.</summary>
    public static readonly TimeSpan Long = 2 * Eventually.Deadline;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private ToolRun(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(_lines, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>The output so far.</summary>
    public string[] Lines => [.. _lines];

    /// <summary>The output of <c>--json</c> so far.</summary>
    public JsonElement[] Json => [.. _lines.Select(line => JsonElement.Parse(line))];

    /// <summary>The error stream so far.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>The words that start the tool, as the tests' own runtime runs it.</summary>
    public static string[] Command { get; } =
    [
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")),
        Path.Combine(AppContext.BaseDirectory, "im.dll"),
    ];

    /// <summary>Starts it.</summary>
    /// <param name="environment">Variables; of the tool's own only these are set.</param>
    /// <param name="words">Its command line.</param>
    public static ToolRun Start(IReadOnlyDictionary<string, string> environment, params string[] words) => StartProgram(environment, [.. Command, .. words]);

    /// <summary>Starts another program, which runs the tool.</summary>
    public static ToolRun StartProgram(IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "IM_SERVER", "IM_TOKEN", "XDG_CONFIG_HOME" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ToolRun(Process.Start(start)!);
    }

    /// <summary>Gives it this as its whole input.</summary>
    public ToolRun With(string input)
    {
        _ = FeedAsync(input);
        return this;
    }

    /// <summary>Sends it a signal by its name.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Its exit code, once it has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Long);
        try
        {
            await _process.WaitForExitAsync(timeUp.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The tool did not end. It printed {_lines.Count} lines, the last: {_lines.LastOrDefault()}\nand as errors:\n{Errors}");
        }

        return _process.ExitCode;
    }

    /// <summary>Fails unless it ends with this code.</summary>
    public async Task EndsWithAsync(int code)
    {
        var actual = await ExitAsync();
        Assert.True(code == actual, $"Ended with {actual}, not {code}; {Lines.Length} lines; errors:\n{Errors}");
    }

    /// <summary>Returns when the output, or the error stream, has this in it.</summary>
    public Task PrintsAsync(string text) =>
        Eventually.HoldsAsync($"«{text}» in the output\n{string.Join('\n', Lines.TakeLast(20))}\nor in the errors\n{Errors}\n",
            () => Says(text), Long);

    /// <summary>Returns when the output, or the error stream, has this in it. False: it ended without.</summary>
    public async Task<bool> PrintsBeforeItsEndAsync(string text)
    {
        await Eventually.HoldsAsync($"«{text}», or the end", () => Says(text) || _process.HasExited, Long);
        if (_process.HasExited)
        {
            // What it wrote last may still be on its way.
            await ExitAsync();
        }

        return Says(text);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private bool Says(string text) => _lines.Concat(_errors).Any(line => line.Contains(text, StringComparison.Ordinal));

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    private async Task FeedAsync(string input)
    {
        try
        {
            await Input.WriteAsync(input);
            Input.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it.
        }
    }
}
