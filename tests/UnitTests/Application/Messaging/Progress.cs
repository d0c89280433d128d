using Im.Application.Messaging;

namespace Im.UnitTests.Application.Messaging;

internal static class Progress
{
    /// <summary>A session in which nothing was said yet.</summary>
    public static readonly SessionProgress None = new()
    {
        LastSeq = 0,
        Acknowledged = 0,
        LastId = 0,
        SentSeq = 0,
        Delivered = 0,
        PeerEpoch = 0,
        PeerOnline = false,
        PeerHandshake = null,
    };
}
