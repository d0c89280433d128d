using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Claims;
using Im.Application.Messaging;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>
/// Serves accepted websockets. It stands before nearly everything that a request passes, and begins when all of that has
/// returned: what authentication, routing and the endpoint hold for a request would else be held as long as each socket lives.
/// </summary>
internal sealed class SocketHost(RequestDelegate next, SocketServices services, Connections connections, UserSockets users, RevocationWatch revocations, RequestScope scope, Drain drain)
{
    private static readonly ClaimsPrincipal Nobody = new();

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            if (context.Features.Get<AcceptedSocket>() is { } accepted)
            {
                await ServeAsync(context, accepted);
            }
        }
    }

    /// <summary>Lets go of the request: its services, its headers and the token among them, who calls, what it asked for.</summary>
    private async Task ForgetAsync(HttpContext context)
    {
        await scope.EndAsync(context);
        context.Request.Headers.Clear();
        context.User = Nobody;
        context.Items = ReadOnlyDictionary<object, object?>.Empty;
        context.Request.Query = QueryCollection.Empty;
        context.Features.Set<AcceptedSocket>(null);
    }

    private async Task ServeAsync(HttpContext context, AcceptedSocket accepted)
    {
        var (socket, connection, opened, listener) = accepted;

        // What follows lasts as long as the socket, and is no part of the request's trace.
        Activity.Current = null;
        var slot = connections.Add(connection);
        try
        {
            await ForgetAsync(context);
            listener.Bind(connection);
            revocations.Look(connection);
            if (drain.HasBegun)
            {
                connection.Close(WebSocketCloseStatus.EndpointUnavailable);
            }

            await connection.RunAsync(context.RequestAborted);
        }
        finally
        {
            connections.Remove(connection, slot);
            connection.Dispose();
            socket.Dispose();
            try
            {
                // Whatever happened, the peer is told; the request's own token may be the reason for being here.
                await services.Mediator.Send(new CloseConnection(opened), CancellationToken.None);
            }
            finally
            {
                users.Leave(connection.User);
                connections.Leave();
            }
        }
    }
}
