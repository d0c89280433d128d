namespace Im.Client.Accounts;

/// <summary>Which numbers are users.</summary>
internal static class Users
{
    /// <summary>The highest number that every client can hold: 2^53-1.</summary>
    public const long Last = 9_007_199_254_740_991;

    public static bool IsUser(long number) => number is >= 1 and <= Last;

    /// <summary>Fails unless the two can be a pair.</summary>
    public static void CheckPeer(long self, long peerId)
    {
        if (!IsUser(peerId) || peerId == self)
        {
            throw new ArgumentOutOfRangeException(nameof(peerId), peerId, "The peer is a user from 1 to 2^53-1, and not this one.");
        }
    }
}
