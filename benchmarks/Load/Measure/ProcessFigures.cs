using System.Globalization;

namespace Im.Load.Measure;

/// <summary>What the kernel counts of a process, and of all sockets.</summary>
internal static class ProcessFigures
{
    // USER_HZ: what /proc counts in, on every Linux.
    private const int TicksPerSecond = 100;

    /// <summary>CPU time used so far, in user and kernel mode.</summary>
    internal static TimeSpan Cpu(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");

        // The second field is the name, in brackets, and may hold anything; the 14th and 15th are utime and stime.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / (double)TicksPerSecond);
    }

    /// <summary>CPU time that all processes of the machine have used so far.</summary>
    internal static TimeSpan MachineCpu()
    {
        // user, nice, system, (idle, iowait,) irq, softirq
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromSeconds((Number(fields[1]) + Number(fields[2]) + Number(fields[3]) + Number(fields[6]) + Number(fields[7])) / (double)TicksPerSecond);
    }

    /// <summary>Memory of a process in KiB: its own share of it (PSS), and all of it that is in memory (RSS).</summary>
    internal static (long Pss, long Rss) Memory(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/smaps_rollup");
        return (KiB(lines, "Pss:"), KiB(lines, "Rss:"));
    }

    /// <summary>The kernel's own objects in KiB (slab), sockets among them.</summary>
    internal static long Slab() => KiB(File.ReadAllLines("/proc/meminfo"), "Slab:");

    /// <summary>What TCP sockets buffer, in KiB.</summary>
    internal static long TcpBuffers()
    {
        var tcp = File.ReadAllLines("/proc/net/sockstat").First(line => line.StartsWith("TCP:", StringComparison.Ordinal)).Split(' ');
        return Number(tcp[Array.IndexOf(tcp, "mem") + 1]) * Environment.SystemPageSize / 1024;
    }

    private static long KiB(string[] lines, string name) =>
        Number(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
