using FluentValidation;
using Im.Application.Contacts;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A user asks for the session they have with another one; <c>GET /im/sessions/{to_user_id}</c>. Opens and renews nothing.</summary>
public sealed record FindSession(UserId Caller, long? ToUserId) : IRequest<Result<FoundSession>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();
}

internal sealed class FindSessionValidator : AbstractValidator<FindSession>
{
    public FindSessionValidator() => RuleFor(query => query.ToUserId).IsAPeerOf(query => query.Caller);
}

internal sealed class FindSessionHandler(ISessionRepository sessions, IContactPolicy contacts) : IRequestHandler<FindSession, Result<FoundSession>>
{
    public async Task<Result<FoundSession>> Handle(FindSession request, CancellationToken cancellationToken)
    {
        var pair = PairKey.Of(request.Caller, UserId.Of(request.ToUserId!.Value).Value).Value;

        // The same answer as for a session that is not there: a refused user learns nothing about the other one.
        return await contacts.AllowsAsync(pair, cancellationToken)
            ? await sessions.FindAsync(pair, request.Caller, cancellationToken)
            : Errors.NoSession;
    }
}
