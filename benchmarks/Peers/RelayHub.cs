using Microsoft.AspNetCore.SignalR;

namespace Im.Peers;

/// <summary>One-to-one messages as a SignalR hub does them: no store, no acknowledgement, whoever is away misses them.</summary>
internal sealed class RelayHub : Hub
{
    /// <summary>Tells the client that it is reachable: the handshake is answered before the backplane has subscribed for it.</summary>
    public override Task OnConnectedAsync() => Clients.Caller.SendAsync("ready");

    /// <summary>Passes a message on to every connection of this user, on any node.</summary>
    public Task Send(string to, string data) => Clients.User(to).SendAsync("msg", data);
}

/// <summary>The user of a connection is the claim that the service reads too.</summary>
internal sealed class ClaimedUser : IUserIdProvider
{
    public string? GetUserId(HubConnectionContext connection) => connection.User.FindFirst("id")?.Value;
}
