using Im.Application.Messaging;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Im.WebApi.Composition;

/// <summary>Bounds what the kernel holds for a client that does not read: by itself it would take megabytes for each.</summary>
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
