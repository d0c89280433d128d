namespace Im.Domain;

/// <summary>Who makes the secret of a handshake.</summary>
public enum KeyMode
{
    /// <summary>The server makes one random key and gives it to both.</summary>
    ServerKey,

    /// <summary>The clients exchange public keys through the server, which never has a secret.</summary>
    PublicKeys,
}

/// <summary>
/// The key exchange of a pair as a state machine: opened by the first caller, completed by the other one's call.
/// No I/O and no clock: the store makes the same steps atomically, and a test holds the two side by side.
/// </summary>
public sealed class Handshake
{
    private Handshake(PairKey pair, UserId openedBy, SessionId session, ImKey? key, PublicKey? openersKey, PublicKey? peersKey, bool isCompleted)
    {
        Pair = pair;
        OpenedBy = openedBy;
        Session = session;
        Key = key;
        OpenersKey = openersKey;
        PeersKey = peersKey;
        IsCompleted = isCompleted;
    }

    /// <summary>The two who agree on a key.</summary>
    public PairKey Pair { get; }

    /// <summary>The first caller; <c>from_user_id</c> in both sides' answers.</summary>
    public UserId OpenedBy { get; }

    /// <summary>The session that completion creates.</summary>
    public SessionId Session { get; }

    /// <summary>Set by the first call; a call in the other mode is refused.</summary>
    public KeyMode Mode => Key is null ? KeyMode.PublicKeys : KeyMode.ServerKey;

    /// <summary>The server's key; null in the mode of public keys.</summary>
    public ImKey? Key { get; }

    /// <summary>Both called: the session exists and both get this same answer.</summary>
    public bool IsCompleted { get; }

    private PublicKey? OpenersKey { get; }

    private PublicKey? PeersKey { get; }

    /// <summary>The first caller's call: a random key for both.</summary>
    public static Handshake Open(PairKey pair, UserId by, ImKey key) => Open(pair, by, SessionId.Generate(), key, null);

    /// <summary>The first caller's call: public keys go to and fro, the server makes none.</summary>
    public static Handshake Open(PairKey pair, UserId by, PublicKey publicKey) => Open(pair, by, SessionId.Generate(), null, publicKey);

    /// <summary>The handshake as the store kept it. Exactly one of key and the opener's public key is there.</summary>
    public static Handshake Restore(PairKey pair, UserId openedBy, SessionId session, ImKey? key, PublicKey? openersKey, PublicKey? peersKey, bool isCompleted)
    {
        var handshake = Open(pair, openedBy, session, key, openersKey);
        return new Handshake(handshake.Pair, openedBy, session, key, openersKey, peersKey, isCompleted);
    }

    /// <summary>The next state when this user calls, with a public key or without one.</summary>
    /// <returns>Completed once the peer called; unchanged by whatever comes after; or <see cref="Errors.KeyModeMismatch"/>.</returns>
    /// <exception cref="ArgumentException">The caller is not of this pair: a bug.</exception>
    public Result<Handshake> CalledBy(UserId caller, PublicKey? publicKey)
    {
        if (!Pair.Contains(caller))
        {
            throw new ArgumentException("The caller is not of this pair.", nameof(caller));
        }

        if ((publicKey is null) != (Mode is KeyMode.ServerKey))
        {
            return Errors.KeyModeMismatch;
        }

        if (IsCompleted)
        {
            return this;
        }

        return caller == OpenedBy
            ? new Handshake(Pair, OpenedBy, Session, Key, publicKey, null, isCompleted: false)
            : new Handshake(Pair, OpenedBy, Session, Key, OpenersKey, publicKey, isCompleted: true);
    }

    /// <summary>The public key recorded for this user; null in server-key mode and before their call.</summary>
    public PublicKey? PublicKeyOf(UserId user) => user == OpenedBy ? OpenersKey : PeersKey;

    private static Handshake Open(PairKey pair, UserId by, SessionId session, ImKey? key, PublicKey? publicKey)
    {
        if (!pair.Contains(by) || (key is null) == (publicKey is null))
        {
            throw new ArgumentException("A handshake is opened by one of its pair, in one key mode.", nameof(by));
        }

        return new Handshake(pair, by, session, key, publicKey, null, isCompleted: false);
    }
}
