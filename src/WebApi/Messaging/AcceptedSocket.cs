using System.Net.WebSockets;
using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>What <see cref="SocketEndpoint"/> leaves behind in the request's features: a socket that <see cref="SocketHost"/> has to serve, and to give up all that was taken for it.</summary>
/// <param name="Socket">The socket, upgraded.</param>
/// <param name="Connection">Serves it.</param>
/// <param name="Opened">The claim on the session.</param>
/// <param name="Listener">Keeps what is published until <see cref="Connection"/> hears it.</param>
internal sealed record AcceptedSocket(WebSocket Socket, SocketConnection Connection, OpenedConnection Opened, ConnectionListener Listener);
