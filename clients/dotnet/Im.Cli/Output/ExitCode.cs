namespace Im.Cli.Output;

/// <summary>What the tool ends with. Scripts rely on these; the table in README.md says the same.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Anything that has no code of its own.</summary>
    Failure = 1,

    /// <summary>The command line makes no sense, or a field was refused as malformed.</summary>
    Usage = 2,

    /// <summary>Wrong user or password, or no token, or one that is not good any more.</summary>
    Unauthenticated = 3,

    /// <summary>The peer did not come within the patience.</summary>
    PeerAbsent = 4,

    /// <summary>The session was ended or lost, or another connection of the same user took it over.</summary>
    SessionOver = 5,

    /// <summary>The server does not answer, or answers that it cannot serve now.</summary>
    ServerUnavailable = 6,

    /// <summary>A message was withheld, repeated, reordered or changed on its way, or the keys were.</summary>
    Tampered = 7,

    /// <summary>SIGHUP, as shells count signals.</summary>
    HungUp = 129,

    /// <summary>SIGINT.</summary>
    Interrupted = 130,

    /// <summary>SIGTERM.</summary>
    Terminated = 143,
}
