using Im.Domain;

namespace Im.Application.Accounts;

/// <summary>A user's tokens are no longer good.</summary>
/// <param name="User">Whose.</param>
/// <param name="Until">Those issued up to this moment; later ones are good.</param>
public sealed record Revocation(UserId User, DateTimeOffset Until)
{
    /// <summary>Whether a token of this user, issued then, is among them.</summary>
    public bool Covers(DateTimeOffset issuedAt) => issuedAt <= Until;
}

/// <summary>Which users' tokens were revoked, kept where all nodes see it until no such token could be good any more.</summary>
public interface IRevocations
{
    /// <summary>Keeps a revocation and tells every node that listens; one atomic step. One that reaches further stays. <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    /// <param name="revocation">Whose tokens, and which.</param>
    /// <param name="life">How long it is kept: as long as such a token could be good.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<Result<Done>> RevokeAsync(Revocation revocation, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>What is kept of these users, in one step; who is not among the answers has no revocation. <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    Task<Result<IReadOnlyList<Revocation>>> FindAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken);

    /// <summary>A mark that is another one after every revocation, and says nothing else; one step. <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    Task<Result<string>> LastAsync(CancellationToken cancellationToken);

    /// <summary>Hears of every revocation from now on; may miss some: what is kept is the truth.</summary>
    /// <param name="listener">Called from any thread; must not block.</param>
    /// <param name="cancellationToken">Ends the wait for the store's confirmation.</param>
    /// <returns>Disposing ends it. <see cref="ErrorCode.StoreUnavailable"/>.</returns>
    Task<Result<IAsyncDisposable>> SubscribeAsync(Action<Revocation> listener, CancellationToken cancellationToken);
}
