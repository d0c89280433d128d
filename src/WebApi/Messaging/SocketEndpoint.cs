using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Messaging;

/// <summary>
/// <c>GET /im/ws</c>: authorises, claims the connection, upgrades, and leaves an <see cref="AcceptedSocket"/> that
/// <see cref="SocketHost"/> serves. Whatever is refused is refused before the upgrade, with the envelope.
/// </summary>
internal sealed class SocketEndpoint(SocketServices services, OriginPolicy origins, Connections connections, UserSockets users, Drain drain)
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

        var accepted = false;
        try
        {
            accepted = await EnterAsync(context, context.CurrentUser());
        }
        finally
        {
            if (!accepted)
            {
                connections.Leave();
            }
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

    /// <summary>False: nothing was accepted, and the refusal is written.</summary>
    private async Task<bool> EnterAsync(HttpContext context, UserId user)
    {
        if (!users.TryEnter(user, services.Limits.ConnectionsPerUser))
        {
            NodeMetrics.RateLimited("sockets");
            await context.Response.WriteAsync(WireRefusals.RateLimited, TimeSpan.FromSeconds(5));
            return false;
        }

        var accepted = false;
        try
        {
            return accepted = await OpenAsync(context);
        }
        finally
        {
            if (!accepted)
            {
                users.Leave(user);
            }
        }
    }

    private async Task<bool> OpenAsync(HttpContext context)
    {
        var listener = new ConnectionListener();
        var opened = await services.Mediator.Send(CommandOf(context.Request.Query, context.CurrentUser(), listener), context.RequestAborted);
        if (!opened.IsOk)
        {
            await context.Response.WriteAsync(opened.Error);
            return false;
        }

        var accepted = false;
        try
        {
            await UpgradeAsync(context, opened.Value, listener);
            return accepted = true;
        }
        finally
        {
            if (!accepted)
            {
                // The peer is told; the request's own token may be the reason for being here.
                await services.Mediator.Send(new CloseConnection(opened.Value), CancellationToken.None);
            }
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
        var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = plain ? null : Subprotocol,

            // The platform's pings take a timer for each socket; see KeepAlive.
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        var connection = new SocketConnection(
            socket, CorkedUpgrade.StreamOf(context), new Attached(opened.Attachment, opened.Progress), plain, context.CurrentToken(), context.Abort, services);
        context.Features.Set(new AcceptedSocket(socket, connection, opened, listener));
    }
}
