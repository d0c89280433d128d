using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Im.Load.Servers;

namespace Im.Load.Report;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    internal static void Print(string[] arguments)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; load and servers share one machine"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- {Environment.ProcessorCount} cores ({processor}), {memory:F0} GiB, Linux {Environment.OSVersion.Version}"));
        Console.WriteLine($"- {RuntimeInformation.FrameworkDescription}; {VersionOf("redis-server", "--version")}; {VersionOf("mosquitto", "-h")}");
        Console.WriteLine($"- `dotnet run -c Release --project benchmarks/Load -- {string.Join(' ', arguments)}`");
    }

    private static string VersionOf(string program, string question)
    {
        if (Children.Find(program) is not { } file)
        {
            return $"no {program}";
        }

        using var process = Process.Start(new ProcessStartInfo(file, question) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return string.Join(' ', said.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3));
    }
}
