using System.Collections.Immutable;
using Im.Domain;

namespace Im.IntegrationTests.Store;

/// <summary>What the store keeps for one user of a session. <c>Queue</c> and <c>Bytes</c> stand by themselves, since a store may lose some of the one and not of the other.</summary>
internal sealed record ModelUser(
    ImmutableList<string> Queue, long Seq = 0, long Acknowledged = 0, long LastId = 0, int Bytes = 0, long Epoch = 0, bool Online = false)
{
    public bool IsDamaged => Queue.Count != Seq - Acknowledged;
}

internal sealed record ModelSession(SessionId Id, ImmutableDictionary<UserId, ModelUser> Users);

/// <summary>All that the store has of a pair: immutable, so that a store which goes back in time is one assignment.</summary>
internal sealed record ModelState(ModelSession? Session, Handshake? Handshake);
