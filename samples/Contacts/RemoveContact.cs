using FluentValidation;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Contacts;

/// <summary>A user no longer has another one as a contact; <c>DELETE /im/contacts/{to_user_id}</c>. Idempotent; ends no session.</summary>
internal sealed record RemoveContact(UserId Caller, long? ToUserId) : IRequest<Result<Done>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();
}

internal sealed class RemoveContactValidator : AbstractValidator<RemoveContact>
{
    public RemoveContactValidator() => RuleFor(command => command.ToUserId).IsAPeerOf(command => command.Caller);
}

internal sealed class RemoveContactHandler(IContactList contacts) : IRequestHandler<RemoveContact, Result<Done>>
{
    public async Task<Result<Done>> Handle(RemoveContact request, CancellationToken cancellationToken)
    {
        await contacts.RemoveAsync(request.Caller, UserId.Of(request.ToUserId!.Value).Value, cancellationToken);
        return new Done();
    }
}
