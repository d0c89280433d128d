using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Im.Load.Servers;

/// <summary>One server process on a loopback port of its own.</summary>
internal sealed class Server
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Queue<string> _lines = new();

    private Server(string name, int port)
    {
        Name = name;
        Port = port;
    }

    /// <summary>What it is called in what is printed.</summary>
    internal string Name { get; }

    internal int Port { get; }

    internal Process Process { get; private set; } = null!;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="launch">File, arguments and environment, for a port.</param>
    /// <param name="question">What is asked of it.</param>
    /// <param name="answer">What the answer begins with when it is ready.</param>
    internal static Server Start(string name, string folder, Func<int, (string File, string[] Arguments, Dictionary<string, string> Environment)> launch, byte[] question, byte[] answer)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = new Server(name, Children.FreePort());
            var (file, arguments, environment) = launch(server.Port);
            server.Process = Children.Start(file, arguments, environment, folder, server._lines);
            if (server.WaitsToServe(question, answer))
            {
                return server;
            }

            // Another process may have taken the port between the look and the start.
            Children.Stop([server.Process]);
            if (attempt == 3)
            {
                lock (server._lines)
                {
                    throw new LoadException($"{name} did not start. It said: {string.Join(" / ", server._lines)}");
                }
            }
        }
    }

    /// <summary>Asks a question on a connection of its own and returns the answer's first part, or nothing.</summary>
    internal static byte[] Ask(int port, byte[] question)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 2000 };
            socket.Connect("127.0.0.1", port);
            socket.Send(question);
            var answer = new byte[4096];
            return answer[..socket.Receive(answer)];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    /// <summary>A command to a Redis server, as text; its answer.</summary>
    internal string Tell(string command) => Encoding.ASCII.GetString(Ask(Port, Encoding.ASCII.GetBytes($"{command}\r\n")));

    private bool WaitsToServe(byte[] question, byte[] answer)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < s_patience && !Process.HasExited)
        {
            if (Ask(Port, question).AsSpan().StartsWith(answer) && !Process.HasExited)
            {
                return true;
            }

            Thread.Sleep(20);
        }

        return false;
    }
}
