using Im.WebApi.Description;
using Im.WebApi.Extending;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Contacts;

/// <summary>Whom a user is willing to talk to.</summary>
internal sealed class ContactRoutes : IEndpointModule
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCommand(
            HttpMethod.Post,
            "/im/contacts",
            (caller, fields) => new AddContact(caller, fields.Integer(nameof(AddContact.ToUserId))) { Unreadable = fields.Unreadable })
            .Takes<ContactRequest>().WithTags("Contacts").WithSummary("Take another user as a contact");
        routes.MapCommand(
            HttpMethod.Delete,
            "/im/contacts/{to_user_id}",
            (caller, fields) => new RemoveContact(caller, fields.Integer(nameof(RemoveContact.ToUserId))) { Unreadable = fields.Unreadable })
            .WithTags("Contacts").WithSummary("Have another user as a contact no longer");
        routes.MapCommand(HttpMethod.Get, "/im/contacts", (caller, _) => new ListContacts(caller), ContactsAnswer.Of)
            .WithTags("Contacts").WithSummary("Whom the caller has taken as contacts");
    }
}

/// <summary>Who is taken as a contact.</summary>
/// <param name="ToUserId">The other user, 1 to 9007199254740991.</param>
internal sealed record ContactRequest(long ToUserId);

/// <summary>The data of <c>GET /im/contacts</c>.</summary>
/// <param name="UserIds">In ascending order.</param>
internal sealed record ContactsAnswer(IReadOnlyList<long> UserIds)
{
    internal static ContactsAnswer Of(Im.Domain.UserId[] users) => new([.. users.Select(user => user.Number)]);
}
