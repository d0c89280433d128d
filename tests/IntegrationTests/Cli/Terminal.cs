using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>The built tool under a pseudo terminal, which <c>script</c> of util-linux makes: keys go in, and what stands on the screen is seen.</summary>
internal sealed partial class Terminal : IAsyncDisposable
{
    public const string NotInstalled = "script (util-linux) is not installed.";

    private const int Rows = 24;

    /// <summary>What begins each picture of the chat.</summary>
    private const string Home = "\e[H";

    private readonly Process _process;
    private readonly StringBuilder _written = new();
    private readonly Task _reading;

    private Terminal(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    public static bool IsInstalled => Executable.Find("script") is not null;

    /// <summary>Everything that came; an escape reads &lt;1b&gt;, and so on, since a report of failed tests that holds one itself ends up empty.</summary>
    public string Written => Readable(Raw);

    /// <summary>The rows of the last whole picture of the chat.</summary>
    public string[] Screen => Pictures.FirstOrDefault() ?? [];

    /// <summary>The rows of every whole picture of the chat so far, the latest first.</summary>
    private IEnumerable<string[]> Pictures => Raw.Split(Home).Reverse()
        .Select(picture => Control().Replace(picture, "").Split('\n').Select(row => row.TrimEnd()).ToArray())
        .Where(rows => rows.Length >= Rows);

    private string Raw
    {
        get
        {
            lock (_written)
            {
                return _written.ToString();
            }
        }
    }

    public static Terminal Start(ToolUser user, params string[] words) => Start(user, output: null, words);

    /// <summary>The same with its output in a file; what stands on the terminal is then the error stream.</summary>
    public static Terminal StartInto(string file, ToolUser user, params string[] words) => Start(user, file, words);

    private static Terminal Start(ToolUser user, string? output, string[] words)
    {
        Assert.SkipUnless(IsInstalled, NotInstalled);
        var command = string.Join(' ', ToolRun.Command.Concat(words).Select(word => $"'{word}'")) + (output is null ? "" : $" > '{output}'");
        var start = new ProcessStartInfo(Executable.Find("script")!, ["-qefc", $"stty rows {Rows} cols 100; exec {command}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("IM_TOKEN");
        start.Environment["TERM"] = "xterm-256color";
        foreach (var (name, value) in user.Environment)
        {
            start.Environment[name] = value;
        }

        return new Terminal(Process.Start(start)!);
    }

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Types a line and ends it.</summary>
    public Task EnterAsync(string line) => TypeAsync(line + '\r');

    /// <summary>Returns when a row of the chat is like this.</summary>
    public Task ShowsAsync(string pattern) => ShowsAsync(pattern, () => Screen);

    /// <summary>Returns when a row of the chat is or was like this, for what does not stand there long.</summary>
    public Task HasShownAsync(string pattern) => ShowsAsync(pattern, () => Pictures.SelectMany(rows => rows));

    private async Task ShowsAsync(string pattern, Func<IEnumerable<string>> rows)
    {
        try
        {
            await Eventually.HoldsAsync(pattern, () => rows().Any(row => Regex.IsMatch(row, pattern)), ToolRun.Long);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var written = Readable(Control().Replace(Raw, ""));
            Assert.Fail($"No row like «{pattern}»:\n{Readable(string.Join('\n', Screen))}\nLast written:\n{written[^Math.Min(2000, written.Length)..]}");
        }
    }

    /// <summary>Returns when this was written, before or after the chat.</summary>
    public Task WritesAsync(string text) => Eventually.HoldsAsync($"«{text}» is written", () => Raw.Contains(text, StringComparison.Ordinal), ToolRun.Long);

    /// <summary>Its exit code, once it has ended by itself and all that it wrote is here.</summary>
    public async Task<int> ExitAsync()
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(ToolRun.Long);
        await _process.WaitForExitAsync(timeUp.Token);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_written)
            {
                _written.Append(buffer, 0, count);
            }
        }
    }

    private static string Readable(string text) => Unreadable().Replace(text, found => $"<{(int)found.Value[0]:x2}>");

    [GeneratedRegex(@"[\p{Cc}-[\r\n\t]]")]
    private static partial Regex Unreadable();

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]|\r")]
    private static partial Regex Control();
}
