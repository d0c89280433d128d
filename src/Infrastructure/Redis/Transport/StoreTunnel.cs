using System.Net;
using System.Net.Sockets;
using RESPite.Transports;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Im.Infrastructure.Redis.Transport;

/// <summary>Gives the store's client library connections of the node's own making, see <see cref="StoreTransport"/>; with TLS it makes them itself.</summary>
internal sealed class StoreTunnel(TimeSpan connectTimeout, PublicationTargets targets) : Tunnel
{
    /// <inheritdoc/>
    public override async ValueTask<DuplexTransport?> ConnectTransportAsync(
        EndPoint endpoint, ConnectionType connectionType, TlsOptions tls, CancellationToken cancellationToken)
    {
        if (tls.IsEnabled)
        {
            return null;
        }

        var isUnix = endpoint.AddressFamily is AddressFamily.Unix;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (!isUnix)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
            }

            // Not asynchronously: from then on the platform would watch this socket, too, and wake a thread for each reply.
            var connecting = Task.Factory.StartNew(
                () => socket.Connect(endpoint), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await connecting.WaitAsync(connectTimeout, cancellationToken);
            var isSubscription = connectionType is ConnectionType.Subscription;
            return new StoreTransport(socket, isSubscription ? "store publications" : "store replies", isSubscription ? targets : null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
