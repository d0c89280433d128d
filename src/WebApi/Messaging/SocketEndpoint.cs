using System.Diagnostics;
using System.Net.WebSockets;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Messaging;

/// <summary><c>GET /im/ws</c>: authorises, claims the connection, upgrades and hands over. Whatever is refused is refused before the upgrade, with the envelope.</summary>
internal sealed class SocketEndpoint(
    SocketServices services, OriginPolicy origins, Connections connections, UserSockets users, RevocationWatch revocations, Drain drain)
{
    /// <summary>The subprotocol in which all frames are spoken; without it the mode is plain.</summary>
    public const string Subprotocol = "im.v1";

    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await context.Response.WriteAsync(WireRefusals.UpgradeRequired);
            return;
        }

        if (!origins.Allows(context.Request))
        {
            await context.Response.WriteAsync(WireRefusals.OriginRefused);
            return;
        }

        if (drain.HasBegun || !connections.TryEnter(services.Limits.MaxConnections))
        {
            await context.Response.WriteAsync(WireRefusals.StoreUnavailable, TimeSpan.FromSeconds(5));
            return;
        }

        try
        {
            await EnterAsync(context, context.CurrentUser());
        }
        finally
        {
            connections.Leave();
        }
    }

    private async Task EnterAsync(HttpContext context, UserId user)
    {
        if (!users.TryEnter(user, services.Limits.ConnectionsPerUser))
        {
            NodeMetrics.RateLimited("sockets");
            await context.Response.WriteAsync(WireRefusals.RateLimited, TimeSpan.FromSeconds(5));
            return;
        }

        try
        {
            await OpenAsync(context);
        }
        finally
        {
            users.Leave(user);
        }
    }

    /// <summary>What an upgrade asks for, unchecked.</summary>
    internal static OpenConnection CommandOf(IQueryCollection query, UserId caller, ISessionListener listener)
    {
        var fields = Fields.Of(("to_user_id", query["to_user_id"]), ("session", query["session"]), ("seen", query["seen"]));
        return new OpenConnection(
            caller,
            fields.Integer(nameof(OpenConnection.ToUserId)),
            fields.Text(nameof(OpenConnection.Session)),
            fields.Integer(nameof(OpenConnection.Seen)),
            listener)
        { Unreadable = fields.Unreadable };
    }

    private async Task OpenAsync(HttpContext context)
    {
        var listener = new ConnectionListener();
        var opened = await services.Mediator.Send(CommandOf(context.Request.Query, context.CurrentUser(), listener), context.RequestAborted);
        if (!opened.IsOk)
        {
            await context.Response.WriteAsync(opened.Error);
            return;
        }

        try
        {
            await UpgradeAsync(context, opened.Value, listener);
        }
        finally
        {
            // Whatever happened, the peer is told; the request's own token may be the reason for being here.
            await services.Mediator.Send(new CloseConnection(opened.Value), CancellationToken.None);
        }
    }

    private async Task UpgradeAsync(HttpContext context, OpenedConnection opened, ConnectionListener listener)
    {
        // Over HTTP/2 what the client sends is the body of its request, and that has no end.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var plain = !context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = plain ? null : Subprotocol,

            // The platform's pings take a timer for each socket; see KeepAlive.
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });

        // Read for the last time: they, and the token among them, would be kept as long as the socket.
        context.Request.Headers.Clear();
        await ServeAsync(context, socket, opened, plain, listener);
    }

    private async Task ServeAsync(HttpContext context, WebSocket socket, OpenedConnection opened, bool plain, ConnectionListener listener)
    {
        using var connection = new SocketConnection(
            socket, CorkedUpgrade.StreamOf(context), new Attached(opened.Attachment, opened.Progress), plain, context.CurrentToken(), context.Abort, services);

        // What follows lasts as long as the socket, and is no part of the request's trace.
        Activity.Current = null;
        var slot = connections.Add(connection);
        try
        {
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
        }
    }
}
