using System.Diagnostics;

namespace Im.Load.Servers;

/// <summary>The servers of this repository, built as they would be deployed, in a temporary folder.</summary>
internal sealed class Published : IDisposable
{
    private readonly string _folder = TemporaryFolders.Create("im-published-");
    private readonly string? _service;

    /// <param name="service">A folder in which the service is published already; null: it is published when it is needed.</param>
    internal Published(string? service) => _service = service is null ? null : Path.GetFullPath(service);

    /// <summary>Publishes what these systems need, so that nothing is built while something is measured.</summary>
    internal void Prepare(IEnumerable<SystemSpec> systems)
    {
        foreach (var system in systems)
        {
            _ = system.Kind switch
            {
                Kind.Im => ServiceOf(system),
                Kind.Mosquitto => null,
                _ => Peers,
            };
        }
    }

    internal string Peers => Publish(Path.Combine("benchmarks", "Peers"));

    internal string ServiceOf(SystemSpec system) => system.Folder ?? _service ?? Publish(Path.Combine("src", "WebApi"));

    public void Dispose() => TemporaryFolders.Delete(_folder);

    private string Publish(string project)
    {
        var target = Path.Combine(_folder, Path.GetFileName(project));
        if (Directory.Exists(target))
        {
            return target;
        }

        Console.Error.WriteLine($"Publishing {project} …");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", Path.Combine(Root(), project), "-c", "Release", "-o", target, "-v", "quiet", "-nologo"])
        {
            RedirectStandardOutput = true,
        })!;
        var said = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        return publish.ExitCode == 0 ? target : throw new LoadException($"Publishing {project} failed: {said.Trim()}");
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Im.sln")))
            {
                return folder;
            }
        }

        throw new LoadException("The repository was not found above this program; run it from there.");
    }
}
