namespace Im.Client.KeyExchange;

/// <summary>
/// This side's keys for the handshake that is open. A pair is published for one handshake only: when that is over, or another
/// one answers, there is a new pair.
/// </summary>
internal sealed class HandshakeKeys(KeyMode mode, TimeProvider clock) : IDisposable
{
    /// <summary>As long as the server keeps a handshake open, unless its answer says otherwise.</summary>
    private static readonly TimeSpan HandshakeLife = TimeSpan.FromSeconds(300);

    private string? _session;
    private DateTimeOffset _goodUntil;
    private (KeyPair Pair, string? Session)? _givenUp;

    /// <summary>Null in server key mode.</summary>
    public KeyPair? Pair { get; private set; }

    /// <summary>How long the open handshake lives, as far as is known.</summary>
    public TimeSpan Life => _goodUntil - clock.GetUtcNow();

    /// <summary>Before a call: a new pair, if there is none or the handshake it was made for is over.</summary>
    public void Prepare()
    {
        if (Pair is null || Life <= TimeSpan.Zero)
        {
            Renew();
        }
    }

    /// <summary>An answer came. False: it is of another handshake than the pair was published for, so the pair was replaced.</summary>
    public bool Fits(string session, long expiresIn, bool isCompleted)
    {
        if (mode is KeyMode.PublicKeys && _session is not null && _session != session)
        {
            Renew();
            return false;
        }

        _session = session;
        if (!isCompleted)
        {
            _goodUntil = clock.GetUtcNow() + TimeSpan.FromSeconds(expiresIn);
        }

        return true;
    }

    /// <summary>
    /// The pair before the present one, if a completed answer is of its handshake and names it: the peer came in the moment it
    /// was given up. Null: the answer is of the present pair, or of none.
    /// </summary>
    public KeyPair? GivenUp(string session, string? publicKey) =>
        _givenUp is { Pair: var pair, Session: var published } && (published ?? session) == session && pair.Public.Text == publicKey ? pair : null;

    public void Dispose()
    {
        Pair?.Dispose();
        _givenUp?.Pair.Dispose();
    }

    /// <summary>The handshake is over: the next call comes with a new pair.</summary>
    public void Renew()
    {
        if (mode is KeyMode.PublicKeys)
        {
            _givenUp?.Pair.Dispose();
            _givenUp = Pair is null ? null : (Pair, _session);
            Pair = KeyPair.Generate();
        }

        _session = null;
        _goodUntil = clock.GetUtcNow() + HandshakeLife;
    }
}
