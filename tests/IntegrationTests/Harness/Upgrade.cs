namespace Im.IntegrationTests.Harness;

/// <summary>Where a client puts its token on the upgrade.</summary>
public enum TokenPlace
{
    Authorization,
    Header,
    Query,
    Subprotocol,
}

/// <summary>How a client connects, where it is not the usual way.</summary>
public sealed record Upgrade
{
    /// <summary>False: plain mode, what the first clients speak.</summary>
    public bool V1 { get; init; } = true;

    public string? Session { get; init; }

    public long? Seen { get; init; }

    public TokenPlace TokenIn { get; init; } = TokenPlace.Authorization;

    /// <summary>Instead of a good token for the user.</summary>
    public string? Token { get; init; }

    public string? Origin { get; init; }

    /// <summary>False: reads nothing until <see cref="SocketClient.Read"/>, as a client that has stopped taking frames.</summary>
    public bool Reads { get; init; } = true;
}
