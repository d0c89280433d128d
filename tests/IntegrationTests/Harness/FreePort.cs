using System.Net;
using System.Net.Sockets;

namespace Im.IntegrationTests.Harness;

internal static class FreePort
{
    /// <summary>
    /// The ports it hands out lie below those that Linux gives to outgoing connections and to listeners that ask for any
    /// (32768 and up), so that a server that was stopped finds its port still free when it comes back.
    /// </summary>
    private const int First = 20_000, Count = 12_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>
    /// A loopback port that was free a moment ago, never the same one twice in a row of tests; another process may take it
    /// all the same, so whoever uses it tries another one where it is taken.
    /// </summary>
    public static int Find()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
