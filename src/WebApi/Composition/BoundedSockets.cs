using Im.Application.Messaging;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Im.WebApi.Composition;

/// <summary>
/// How the sockets of clients are set. What the kernel holds for one that does not read is bounded, by itself it would take
/// megabytes for each; and what a socket waited for goes on where it came, see docs/decisions/0009.
/// </summary>
internal static class BoundedSockets
{
    internal static void AddBoundedSockets(this IServiceCollection services) =>
        services.AddOptions<SocketTransportOptions>().Configure<MessagingOptions>(Bound);

    // Set before the server listens: accepted sockets inherit it. Set later, each would grow first.
    private static void Bound(SocketTransportOptions transport, MessagingOptions messaging)
    {
        // What a connection does never blocks; handing each of its reads and writes to another thread would only cost.
        transport.UnsafePreferInlineScheduling = true;
        if (messaging.SocketSendBuffer == 0)
        {
            return;
        }

        transport.CreateBoundListenSocket = endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = messaging.SocketSendBuffer;
            return socket;
        };
    }
}
