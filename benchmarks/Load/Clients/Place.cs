using System.Net;
using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>What a client needs to know of where it stands.</summary>
/// <param name="Loop">The loop it lives in.</param>
/// <param name="Pair">Its pair.</param>
/// <param name="IsSender">Which of the two it is.</param>
/// <param name="Port">Its server.</param>
/// <param name="From">Its source address.</param>
/// <param name="Payload">Bytes of a message's payload.</param>
/// <param name="Events">What is done when it is ready or refused.</param>
internal sealed record Place(Loop Loop, Pair Pair, bool IsSender, int Port, IPAddress From, int Payload, IClientEvents Events)
{
    internal long UserId => IsSender ? Pair.SenderId : Pair.ReceiverId;

    internal long PeerId => IsSender ? Pair.ReceiverId : Pair.SenderId;

    internal string Token => Tokens.Mint(UserId);
}

/// <summary>What happens to connections.</summary>
internal interface IClientEvents
{
    void BecameReady(IClient client);

    /// <summary>The server took no connection; what it answered, or why there was no answer.</summary>
    void WasRefused(IClient client, string why);
}
