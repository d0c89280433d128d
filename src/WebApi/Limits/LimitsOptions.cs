using System.ComponentModel.DataAnnotations;

namespace Im.WebApi.Limits;

/// <summary>Settings of how much clients may ask; section <c>Limits</c>.</summary>
internal sealed class LimitsOptions
{
    /// <summary>Open sockets of this node; one more is refused with store_unavailable.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// Upgrades that this node takes in a second, with a burst of two seconds' worth; 0: no limit. One more is refused with
    /// store_unavailable, and told to come again at a random moment.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerSecond { get; set; } = 1_000;

    /// <summary>Open sockets of one user on this node; 0: no limit. One more is refused with rate_limited.</summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerUser { get; set; } = 1_000;

    /// <summary>Connections of this node that are no websocket, or not yet one. One more is closed without an answer.</summary>
    [Range(1, 10_000_000)]
    public int MaxHttpConnections { get; set; } = 10_000;

    /// <summary>Authenticated calls and upgrades per user, on all nodes together; 0: no limit. One more is refused with rate_limited.</summary>
    [Range(0, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 300;

    /// <summary>Calls of one user that open a handshake, on all nodes together; 0: no limit. Repeating and completing are not counted.</summary>
    [Range(0, 1_000_000)]
    public int OpeningsPerMinute { get; set; } = 60;

    /// <summary>Logins and registrations per address and name, ten times that per address, on all nodes together; 0: no limit.</summary>
    [Range(0, 100_000)]
    public int LoginsPerMinute { get; set; } = 10;

    /// <summary>Frames of one connection, with a burst of two seconds' worth; 0: no limit. One more is refused with rate_limited.</summary>
    [Range(0, 1_000_000)]
    public int FramesPerSecond { get; set; } = 200;

    /// <summary>Bad frames of one connection in a minute; 0: no limit. One more closes it with 4429.</summary>
    [Range(0, 1_000_000)]
    public int BadFrames { get; set; } = 50;
}
