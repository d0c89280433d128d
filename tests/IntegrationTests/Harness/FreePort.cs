using System.Net;
using System.Net.Sockets;

namespace Im.IntegrationTests.Harness;

internal static class FreePort
{
    /// <summary>A loopback port that was free a moment ago; whoever takes it tries another one if it no longer is.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
