using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A connected user has everything up to this <c>seq</c>; the frame <c>ack</c>, or, in plain mode, what the socket took.</summary>
public sealed record Acknowledge(Attachment Recipient, long Seq) : IRequest<Result<Done>>;

internal sealed class AcknowledgeHandler(IMessageQueue queue) : IRequestHandler<Acknowledge, Result<Done>>
{
    public Task<Result<Done>> Handle(Acknowledge request, CancellationToken cancellationToken) =>
        queue.AcknowledgeAsync(request.Recipient, request.Seq, cancellationToken);
}
