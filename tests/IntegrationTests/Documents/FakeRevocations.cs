using Im.Application.Accounts;
using Im.Domain;

namespace Im.IntegrationTests.Documents;

/// <summary>A store of revocations that has none, and refuses to say so while a test wants that. It tells nobody of new ones.</summary>
internal sealed class FakeRevocations : IRevocations
{
    /// <summary>Its refusal; null: it answers. May throw, as an adapter with a bug would.</summary>
    public Func<Error?> Refuse { get; set; } = () => null;

    public Task<Result<Done>> RevokeAsync(Revocation revocation, TimeSpan life, CancellationToken cancellationToken) =>
        Task.FromResult(Refuse() is { } refusal ? refusal : Result<Done>.Success(default));

    public Task<Result<IReadOnlyList<Revocation>>> FindAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken) =>
        Task.FromResult(Refuse() is { } refusal ? refusal : Result<IReadOnlyList<Revocation>>.Success([]));

    public Task<Result<string>> LastAsync(CancellationToken cancellationToken) => Task.FromResult<Result<string>>(Errors.StoreUnavailable);

    public Task<Result<IAsyncDisposable>> SubscribeAsync(Action<Revocation> listener, CancellationToken cancellationToken) =>
        Task.FromResult<Result<IAsyncDisposable>>(Errors.StoreUnavailable);
}
