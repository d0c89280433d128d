namespace Im.Domain;

/// <summary>One conversation: who may speak in it, and its name.</summary>
/// <param name="Pair">Who may speak.</param>
/// <param name="Id">Another one after every completed handshake of the pair.</param>
public sealed record Session(PairKey Pair, SessionId Id);

/// <summary>
/// One user's live connection to a session. The epoch counts that user's connections in it: the store does nothing for a
/// connection whose session or epoch is not the present one, so whatever arrives late from an older one changes nothing.
/// </summary>
public sealed class Attachment
{
    private Attachment(Session session, UserId user, UserId peer, long epoch)
    {
        Session = session;
        User = user;
        Peer = peer;
        Epoch = epoch;
    }

    /// <summary>The only session for which this connection counts.</summary>
    public Session Session { get; }

    /// <summary>Whose connection it is.</summary>
    public UserId User { get; }

    /// <summary>The other one of the pair: who receives what this connection sends.</summary>
    public UserId Peer { get; }

    /// <summary>Rises with every connection of the user to the session; the highest is the live one.</summary>
    public long Epoch { get; }

    /// <summary>The connection of one of the session's pair.</summary>
    /// <exception cref="ArgumentException">The user is not of the pair, or the epoch is none: a bug.</exception>
    public static Attachment Of(Session session, UserId user, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epoch);
        return new Attachment(session, user, session.Pair.PeerOf(user), epoch);
    }
}
