using Im.Domain;
using MediatR;

namespace Contacts;

/// <summary>A user asks whom they have taken as contacts; <c>GET /im/contacts</c>.</summary>
internal sealed record ListContacts(UserId Caller) : IRequest<Result<UserId[]>>;

internal sealed class ListContactsHandler(IContactList contacts) : IRequestHandler<ListContacts, Result<UserId[]>>
{
    public async Task<Result<UserId[]>> Handle(ListContacts request, CancellationToken cancellationToken) =>
        await contacts.ReadAsync(request.Caller, cancellationToken);
}
