namespace Im.Client;

/// <summary>Where the server is, and what a client may cost.</summary>
public sealed class ImClientOptions
{
    /// <summary>The server's base address, such as <c>https://im.example.com</c>; a path in it is kept (<c>https://example.com/relay/</c>).</summary>
    public required Uri Server { get; init; }

    /// <summary>
    /// Asked for a fresh token of the same user when the present one nears its end (protocol, section 1). Null: nothing is
    /// renewed, and calls fail with <see cref="ImErrorKind.Unauthenticated"/> once the token has expired. It may fail: it is
    /// asked again, with growing delays, while there is time. An <see cref="ImException"/> of it is passed on as it is; anything
    /// else that it throws is <see cref="ImErrorKind.ServerUnavailable"/>.
    /// </summary>
    public Func<CancellationToken, Task<string>>? RefreshToken { get; init; }

    /// <summary>
    /// What sends the requests and opens the websockets: for a proxy, a pinned certificate, a test. Null: a
    /// <see cref="SocketsHttpHandler"/> of the client's own. A handler given here is not disposed by the client.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock of every delay and deadline. The system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long one REST call or the opening of a websocket may take, beyond the time the server was asked to wait. 15 s by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Messages of one conversation that wait until the relay has stored them; one more is <see cref="ImErrorKind.OutboxFull"/>. 1000 by default.</summary>
    public int OutboxLimit { get; init; } = 1000;

    /// <summary>Messages of one conversation that are on the wire without an answer. 64 by default.</summary>
    public int UnansweredLimit { get; init; } = 64;

    /// <summary>
    /// Received items of one conversation that wait for the caller. When so many wait, nothing more is read from the
    /// connection until the caller takes one: no messages, and no answers to what this side sends. 256 by default.
    /// </summary>
    public int ReceiveLimit { get; init; } = 256;

    internal void Check()
    {
        if (!Server.IsAbsoluteUri || (Server.Scheme != Uri.UriSchemeHttp && Server.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException("The server's address is not one of http or https.", nameof(Server));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(RequestTimeout, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RequestTimeout, TimeSpan.FromMinutes(10));
        foreach (var limit in new[] { OutboxLimit, UnansweredLimit, ReceiveLimit })
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 100_000);
        }
    }
}
