using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Im.IntegrationTests.Deploy;

/// <summary>
/// The service as <c>deploy/Dockerfile</c> publishes it: its own command, on a copy of just what it copies. So the image's
/// build is tried without Docker, all but its base images.
/// </summary>
public sealed class PublishedService : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

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
            Copy(from.TrimEnd('/'), Path.GetFullPath(Path.Combine(source, to, to.EndsWith("./", StringComparison.Ordinal) ? from : "")));
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

    /// <summary>As Docker does: what <c>.dockerignore</c> does not let in is not there for it.</summary>
    /// <param name="from">A file or folder, from the root of the repository.</param>
    /// <param name="to">The full path of its copy.</param>
    private static void Copy(string from, string to)
    {
        var full = Repository.PathOf(from);
        if (Directory.Exists(full))
        {
            foreach (var name in Directory.GetFileSystemEntries(full).Select(entry => Path.GetFileName(entry)).Except(DockerfileText.KeptOut))
            {
                Copy($"{from}/{name}", Path.Combine(to, name));
            }
        }
        else if (DockerfileText.LetIn.Any(path => from == path || from.StartsWith($"{path}/", StringComparison.Ordinal)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(full, to);
        }
    }
}
