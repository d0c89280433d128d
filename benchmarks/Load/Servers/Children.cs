using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Im.Load.Wire;

namespace Im.Load.Servers;

/// <summary>The processes that the load has started, so that none outlives it.</summary>
internal static class Children
{
    private static readonly Lock s_lock = new();
    private static readonly List<Process> s_running = [];

    /// <summary>Starts a program; the last that it says is kept in <paramref name="lines"/>.</summary>
    internal static Process Start(string file, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, string folder, Queue<string> lines)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        lock (s_lock)
        {
            var process = Process.Start(start)!;
            s_running.Add(process);
            process.OutputDataReceived += Keep;
            process.ErrorDataReceived += Keep;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }

        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (lines)
            {
                if (line.Data is not null)
                {
                    lines.Enqueue(line.Data);
                    if (lines.Count > 20)
                    {
                        lines.Dequeue();
                    }
                }
            }
        }
    }

    /// <summary>Ends them with SIGTERM, by their ids; who has not gone after 20 s is killed.</summary>
    internal static void Stop(IReadOnlyCollection<Process> processes)
    {
        lock (s_lock)
        {
            foreach (var process in processes.Where(process => !process.HasExited))
            {
                _ = Libc.Kill(process.Id, Libc.Terminate);
            }

            foreach (var process in processes)
            {
                if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
                {
                    process.Kill();
                    process.WaitForExit();
                }

                process.Dispose();
                s_running.Remove(process);
            }
        }
    }

    /// <summary>Ends all that run.</summary>
    internal static void StopAll()
    {
        lock (s_lock)
        {
            Stop([.. s_running]);
        }
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>An installed program's path, or null. Debian keeps servers in sbin, which a user's PATH may lack.</summary>
    internal static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Append("/usr/local/sbin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>An installed program's path; fails where it is missing.</summary>
    internal static string Require(string name) => Find(name) ?? throw new LoadException($"{name} is not installed.");
}
