using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Im.IntegrationTests.Deploy;

/// <summary>
/// The service as <c>deploy/Dockerfile</c> publishes it: its own command, on a copy of just what it copies. So the image's
/// build is tried without Docker, all but its base images.
/// </summary>
public sealed class PublishedService : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private readonly string _folder = Directory.CreateTempSubdirectory("im-publish-").FullName;

    /// <summary>Where everything is that it needs.</summary>
    public string Folder => Path.Combine(_folder, "out");

    /// <summary>The program itself.</summary>
    public string Program => Path.Combine(Folder, DockerfileText.Program);

    public async ValueTask InitializeAsync()
    {
        var source = Path.Combine(_folder, "source");
        foreach (var (from, to) in DockerfileText.Copied)
        {
            Copy(Repository.PathOf(from), Path.GetFullPath(Path.Combine(source, to, to.EndsWith("./", StringComparison.Ordinal) ? from : "")));
        }

        var command = DockerfileText.Publish.Replace("-o /out", $"-o {Folder}", StringComparison.Ordinal);
        var start = new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = source, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TARGETARCH"] = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "arm64" : "amd64";
        start.Environment["PATH"] = $"{Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))}:{Environment.GetEnvironmentVariable("PATH")}";

        // No process of the build outlives it.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var publish = Process.Start(start)!;
        var said = Task.WhenAll(publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        await publish.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(publish.ExitCode == 0, string.Join('\n', await said));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>As Docker does, but for what <c>.dockerignore</c> names everywhere: what was built.</summary>
    private static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        foreach (var entry in Directory.GetFileSystemEntries(from).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj" or "node_modules")))
        {
            Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
        }
    }
}
