using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A connection is gone, for whatever reason: unsubscribes it and tells the peer.</summary>
public sealed record CloseConnection(OpenedConnection Connection) : IRequest<Result<Done>>;

internal sealed class CloseConnectionHandler(ISessionRepository sessions) : IRequestHandler<CloseConnection, Result<Done>>
{
    public async Task<Result<Done>> Handle(CloseConnection request, CancellationToken cancellationToken)
    {
        await request.Connection.Subscription.DisposeAsync();
        return await sessions.DetachAsync(request.Connection.Attachment, cancellationToken);
    }
}
