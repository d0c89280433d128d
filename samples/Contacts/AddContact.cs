using FluentValidation;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Contacts;

/// <summary>A user takes another one as a contact; <c>POST /im/contacts</c>. Idempotent.</summary>
internal sealed record AddContact(UserId Caller, long? ToUserId) : IRequest<Result<Done>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();
}

internal sealed class AddContactValidator : AbstractValidator<AddContact>
{
    public AddContactValidator() => RuleFor(command => command.ToUserId).IsAPeerOf(command => command.Caller);
}

internal sealed class AddContactHandler(IContactList contacts) : IRequestHandler<AddContact, Result<Done>>
{
    // The validator has run: the number is there, and that of another user.
    public Task<Result<Done>> Handle(AddContact request, CancellationToken cancellationToken) =>
        contacts.AddAsync(request.Caller, UserId.Of(request.ToUserId!.Value).Value, cancellationToken);
}
