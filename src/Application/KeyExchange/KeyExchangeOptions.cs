using System.ComponentModel.DataAnnotations;
using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>Settings of the key exchange; section <c>KeyExchange</c>.</summary>
public sealed class KeyExchangeOptions
{
    /// <summary>Bytes of a server key, 8 … 64. Older clients ask for 8; below 16 a client warns.</summary>
    [Range(ImKey.MinBytes, ImKey.MaxBytes)]
    public int KeyBytes { get; set; } = 32;

    /// <summary>How long a handshake waits for the other side; at least 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan HandshakeLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the completed answer, and with it the key, is kept at most. At most the session's life.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeyRetention { get; set; } = TimeSpan.FromMinutes(1);
}
