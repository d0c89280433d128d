using Im.Domain;

namespace Contacts;

/// <summary>Who is whose contact. One-sided: Bob may be in Ann's list and Ann not in Bob's.</summary>
internal interface IContactList
{
    /// <summary>Contacts of one user at most.</summary>
    const int Limit = 500;

    /// <summary>Puts a user into the owner's list. Idempotent.</summary>
    /// <returns><see cref="ErrorCode.ParameterError"/>: the list is full.</returns>
    Task<Result<Done>> AddAsync(UserId owner, UserId contact, CancellationToken cancellationToken);

    /// <summary>Takes a user out of the owner's list. Idempotent.</summary>
    Task RemoveAsync(UserId owner, UserId contact, CancellationToken cancellationToken);

    /// <summary>The owner's list, in the order of the ids.</summary>
    Task<UserId[]> ReadAsync(UserId owner, CancellationToken cancellationToken);

    /// <summary>Whether each of the two has the other.</summary>
    ValueTask<bool> HaveEachOtherAsync(PairKey pair, CancellationToken cancellationToken);
}
