using Im.Application.Contacts;
using Im.Domain;

namespace Contacts;

/// <summary>Only who have each other as a contact may talk.</summary>
internal sealed class ContactsOnlyPolicy(IContactList contacts) : IContactPolicy
{
    public ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken) =>
        contacts.HaveEachOtherAsync(pair, cancellationToken);
}
