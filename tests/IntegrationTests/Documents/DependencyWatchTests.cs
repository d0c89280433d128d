using System.Diagnostics;

namespace Im.IntegrationTests.Documents;

/// <summary><c>.ci/dependencies</c>, with registries that tell, and with some that do not.</summary>
public sealed class DependencyWatchTests : IDisposable
{
    private const string Hole = """{"packages":[{"id":"Bad","vulnerabilities":[{"severity":"High"}]}]}""";
    private const string GivenUp = """{"packages":[{"id":"Old","deprecationReasons":["Legacy"]}]}""";
    private const string Nothing = """{"projects":[]}""";
    private const string NpmClean = """{"auditReportVersion": 2, "vulnerabilities": {}}""";

    private readonly string _tools = Directory.CreateTempSubdirectory("im-tools-").FullName;

    [Fact]
    public async Task Registries_that_tell_of_nothing_bad_are_believed()
    {
        var (code, output) = await RunAsync(known: Hole + GivenUp, own: Nothing, npm: NpmClean);

        Assert.Equal(0, code);
        Assert.Contains("NuGet: no vulnerable packages.", output, StringComparison.Ordinal);
        Assert.Contains("NuGet: no deprecated packages.", output, StringComparison.Ordinal);
        Assert.Contains("npm: no vulnerable packages.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Hole, NpmClean, "NuGet: there are vulnerable packages:")]
    [InlineData(GivenUp, NpmClean, "NuGet: there are deprecated packages:")]
    [InlineData(Nothing, """{"auditReportVersion": 2, "vulnerabilities": {"bad": {}}}""", "npm: there are vulnerable packages:")]
    public async Task What_is_found_is_a_failure(string own, string npm, string sentence)
    {
        var (code, output) = await RunAsync(known: Hole + GivenUp, own, npm);

        Assert.Equal(1, code);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_does_not_tell_is_said_to_be_silent_and_is_no_failure()
    {
        var (code, output) = await RunAsync(known: Nothing, own: Nothing, npm: """{"error": {"summary": "405"}}""");

        Assert.Equal(0, code);
        Assert.Contains("NuGet: the registry does not tell of vulnerable packages.", output, StringComparison.Ordinal);
        Assert.Contains("NuGet: the registry does not tell of deprecated packages.", output, StringComparison.Ordinal);
        Assert.Contains("npm: the registry does not tell of vulnerable packages.", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_tools, recursive: true);

    /// <summary>Runs the script with tools that answer so.</summary>
    private async Task<(int Code, string Output)> RunAsync(string known, string own, string npm)
    {
        Write("dotnet", $"case \"$*\" in restore*) ;; *known.csproj*) echo '{known}' ;; *) echo '{own}' ;; esac");
        Write("npm", $"echo '{npm}'");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for CI, which is Linux.");
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, ".ci", "dependencies")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_tools}:{Environment.GetEnvironmentVariable("PATH")}";
        using var script = Process.Start(start)!;
        var output = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (script.ExitCode, output);
    }

    private void Write(string name, string body)
    {
        var path = Path.Combine(_tools, name);
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
