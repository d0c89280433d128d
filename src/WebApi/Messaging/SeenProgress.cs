using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>How far a connection has seen its session come. Not a reference: thousands of idle connections take one every few seconds.</summary>
/// <param name="LastSeq">The highest <c>seq</c> of a message for its user.</param>
/// <param name="LastId">The last <c>id</c> accepted from its user.</param>
/// <param name="SentSeq">The highest <c>seq</c> given to a message of its user's.</param>
/// <param name="Delivered">What the peer has acknowledged.</param>
/// <param name="PeerEpoch">The peer's latest connection.</param>
internal readonly record struct SeenProgress(long LastSeq, long LastId, long SentSeq, long Delivered, long PeerEpoch)
{
    /// <summary>Whether the store says less than was seen before: it went back in time.</summary>
    public bool IsBeyond(SessionProgress now) =>
        now.LastSeq < LastSeq || now.LastId < LastId || now.SentSeq < SentSeq || now.Delivered < Delivered || now.PeerEpoch < PeerEpoch;
}
