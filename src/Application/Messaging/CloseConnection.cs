using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A connection is gone, for whatever reason: tells the peer and unsubscribes it.</summary>
public sealed record CloseConnection(OpenedConnection Connection) : IRequest<Result<Done>>;

internal sealed class CloseConnectionHandler(ISessionRepository sessions) : IRequestHandler<CloseConnection, Result<Done>>
{
    public async Task<Result<Done>> Handle(CloseConnection request, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.DetachAsync(request.Connection.Attachment, cancellationToken);
        }
        finally
        {
            await request.Connection.Subscription.DisposeAsync();
        }
    }
}
