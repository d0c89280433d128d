using System.ComponentModel.DataAnnotations;

namespace Im.Application.Messaging;

/// <summary>Settings of sessions, queues and sockets; section <c>Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>Bytes by which a server's frame may be longer than the client's it carries.</summary>
    public const int FrameOverhead = 512;

    /// <summary>How long a session lives past its last message or connected moment; at least 60 s and the key's retention.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Messages that wait for one recipient at most; one more is refused with queue_full.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>Bytes that wait for one recipient at most; at least one frame and its overhead.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public int MaxQueuedBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of a client's frame; a longer one closes the connection with 1009.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxFrameBytes { get; set; } = 64 * 1024;

    /// <summary>How long one write may wait for a client that takes nothing; then the connection is aborted (4408).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that the kernel may hold for one client that reads slowly; 0: as many as the kernel likes.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int SocketSendBuffer { get; set; } = 256 * 1024;

    /// <summary>How often a client is pinged.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the answer to a ping may take; then the connection is aborted (4408).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(15);
}
