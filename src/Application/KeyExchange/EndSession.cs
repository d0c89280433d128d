using FluentValidation;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.KeyExchange;

/// <summary>A user ends what they have with another one; <c>DELETE /im/sessions/{to_user_id}</c>. Idempotent.</summary>
/// <param name="Caller">Who ends it.</param>
/// <param name="ToUserId">With whom.</param>
/// <param name="Session">Only this session; null for any session and handshake.</param>
public sealed record EndSession(UserId Caller, long? ToUserId, string? Session) : IRequest<Result<Done>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Prints nothing: it may hold a session id.</summary>
    public override string ToString() => nameof(EndSession);
}

internal sealed class EndSessionValidator : AbstractValidator<EndSession>
{
    public EndSessionValidator()
    {
        RuleFor(command => command.ToUserId).IsAPeerOf(command => command.Caller);
        RuleFor(command => command.Session).IsASessionId();
    }
}

internal sealed class EndSessionHandler(IHandshakeRepository handshakes) : IRequestHandler<EndSession, Result<Done>>
{
    // No contact policy here: whoever is no longer allowed to talk may still wipe what there was.
    public Task<Result<Done>> Handle(EndSession request, CancellationToken cancellationToken)
    {
        var pair = PairKey.Of(request.Caller, UserId.Of(request.ToUserId!.Value).Value).Value;
        var only = request.Session is null ? null : SessionId.Parse(request.Session).Value;
        return handshakes.EndAsync(pair, only, cancellationToken);
    }
}
