namespace Im.Client.Accounts;

/// <summary>A token and when it is time for the next one.</summary>
internal sealed record HeldToken(Account Account, DateTimeOffset RenewAt)
{
    public override string ToString() => "[redacted]";
}

/// <summary>The newest token of the user, for all conversations of a client. Renews it when four fifths of its life are over.</summary>
internal sealed class TokenKeeper(Account account, ImClientOptions options) : IDisposable
{
    private const double RenewedAfter = 0.8;

    /// <summary>A token that ends at once is not renewed all the time.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _renewing = new(1);
    private volatile HeldToken _held = Hold(account, options.TimeProvider);

    public HeldToken Held => _held;

    public bool CanRenew => options.RefreshToken is not null;

    /// <summary>The token for a call: a renewed one if it is time and that works. Whether it is good is for the server to say.</summary>
    public async Task<HeldToken> GetAsync(CancellationToken cancellationToken)
    {
        var held = _held;
        if (!CanRenew || options.TimeProvider.GetUtcNow() < held.RenewAt)
        {
            return held;
        }

        try
        {
            return await RenewAsync(held, cancellationToken).ConfigureAwait(false);
        }
        catch (ImException)
        {
            // The next call asks again; and where this one is refused, too, the reason is told.
            return held;
        }
    }

    /// <summary>A newer token than this one. Asked for once, however many want it.</summary>
    /// <exception cref="ImException">
    /// <see cref="ImErrorKind.Unauthenticated"/>: there is none to be had. <see cref="ImErrorKind.ServerUnavailable"/>, or what
    /// the application's function threw: none now.
    /// </exception>
    public async Task<HeldToken> RenewAsync(HeldToken stale, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return ReferenceEquals(_held, stale) ? _held = await AskAsync(cancellationToken).ConfigureAwait(false) : _held;
        }
        finally
        {
            _renewing.Release();
        }
    }

    public void Dispose() => _renewing.Dispose();

    private async Task<HeldToken> AskAsync(CancellationToken cancellationToken)
    {
        if (options.RefreshToken is null)
        {
            throw new ImException(ImErrorKind.Unauthenticated, "The token has expired and nothing renews it; log in again.");
        }

        Account fresh;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = options.TimeProvider.CreateTimer(_ => deadline.Cancel(), null, options.RequestTimeout, Timeout.InfiniteTimeSpan);
            fresh = Account.FromToken(await options.RefreshToken(deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not ImException && !cancellationToken.IsCancellationRequested)
        {
            // Not the same as a token that is refused: what gives tokens may be away for a moment.
            throw e is FormatException
                ? new ImException(ImErrorKind.Unauthenticated, "What was given as a fresh token is none; log in again.", e)
                : new ImException(ImErrorKind.ServerUnavailable, "A fresh token could not be had; try again later.", e);
        }

        if (fresh.UserId != _held.Account.UserId || fresh.ExpiresAt <= options.TimeProvider.GetUtcNow())
        {
            throw new ImException(ImErrorKind.Unauthenticated, "The token has expired, and what was given as a fresh one has, too, or is another user's; log in again.");
        }

        return Hold(fresh, options.TimeProvider);
    }

    private static HeldToken Hold(Account account, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var life = (account.ExpiresAt - now) * RenewedAfter;
        return new HeldToken(account, now + (life > Least ? life : Least));
    }
}
