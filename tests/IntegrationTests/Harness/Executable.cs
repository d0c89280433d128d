using System.Diagnostics;

namespace Im.IntegrationTests.Harness;

internal static class Executable
{
    /// <summary>The program's full path, or null where it is not installed. Debian keeps servers in sbin, which a user's PATH may lack.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Append("/usr/bin").Append("/usr/local/bin")
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts an installed program. What it prints is read and dropped: a full pipe would stop it.</summary>
    public static Process Launch(string name, IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Find(name)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Ends a process without a goodbye, as a crash does.</summary>
    public static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
    }
}
