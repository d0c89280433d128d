using FluentValidation;
using Im.Application.Contacts;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A user connects to their session with another one; <c>GET /im/ws</c>, before the upgrade.</summary>
/// <param name="Caller">Who connects.</param>
/// <param name="ToUserId">With whom they talk.</param>
/// <param name="Session">The session the client means; null for whichever is the present one.</param>
/// <param name="Seen">The highest <c>seq</c> the client has; null: it does not say.</param>
/// <param name="Listener">Hears what is published for the connection, from before it is claimed on.</param>
public sealed record OpenConnection(UserId Caller, long? ToUserId, string? Session, long? Seen, ISessionListener Listener)
    : IRequest<Result<OpenedConnection>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Prints nothing: it may hold a session id.</summary>
    public override string ToString() => nameof(OpenConnection);
}

/// <summary>The connection is claimed and its events arrive. Whoever holds this closes it with <see cref="CloseConnection"/>.</summary>
public sealed record OpenedConnection(Attachment Attachment, SessionProgress Progress, IAsyncDisposable Subscription);

internal sealed class OpenConnectionValidator : AbstractValidator<OpenConnection>
{
    public OpenConnectionValidator()
    {
        RuleFor(command => command.ToUserId).IsAPeerOf(command => command.Caller);
        RuleFor(command => command.Session).IsASessionId();
        RuleFor(command => command.Seen).InclusiveBetween(0, UserId.MaxValue).WithMessage("The highest seq is 0 to 9007199254740991.");
    }
}

internal sealed class OpenConnectionHandler(ISessionRepository sessions, ISessionEvents events, IContactPolicy contacts)
    : IRequestHandler<OpenConnection, Result<OpenedConnection>>
{
    public async Task<Result<OpenedConnection>> Handle(OpenConnection request, CancellationToken cancellationToken)
    {
        var pair = PairKey.Of(request.Caller, UserId.Of(request.ToUserId!.Value).Value).Value;
        if (!await contacts.AllowsAsync(pair, cancellationToken))
        {
            return Errors.NoSession;
        }

        var found = await sessions.FindAsync(pair, request.Caller, cancellationToken);
        if (!found.IsOk)
        {
            return found.Error;
        }

        if (request.Session is not null && SessionId.Parse(request.Session).Value != found.Value.Session.Id)
        {
            return Errors.NoSession;
        }

        // Subscribe before claiming and before the queue is read: what is stored between comes twice and its seq tells;
        // in the other order it would lie there until something else arrives.
        var subscription = await events.SubscribeAsync(found.Value.Session, request.Caller, request.Listener, cancellationToken);
        if (!subscription.IsOk)
        {
            return subscription.Error;
        }

        return await AttachAsync(request, found.Value, subscription.Value, cancellationToken);
    }

    private async Task<Result<OpenedConnection>> AttachAsync(
        OpenConnection request, FoundSession found, IAsyncDisposable subscription, CancellationToken cancellationToken)
    {
        var kept = false;
        try
        {
            var attached = await sessions.AttachAsync(found, request.Caller, request.Seen ?? 0, cancellationToken);
            if (!attached.IsOk)
            {
                return await RefuseAsync(attached.Error, request, found, cancellationToken);
            }

            kept = true;
            return new OpenedConnection(attached.Value.Attachment, attached.Value.Progress, subscription);
        }
        finally
        {
            if (!kept)
            {
                await subscription.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// A client that has more of this very session than was ever given has met a store that went back in time. Without the
    /// session's name it may speak of an older one, and nothing is ended on its word.
    /// </summary>
    private async Task<Error> RefuseAsync(Error refusal, OpenConnection request, FoundSession found, CancellationToken cancellationToken)
    {
        if (refusal.Code is not ErrorCode.MalformedFrame)
        {
            return refusal;
        }

        if (request.Session is not null)
        {
            await sessions.AbandonAsync(found.Session, cancellationToken);
        }

        return Errors.NoSession;
    }
}
