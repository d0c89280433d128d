using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A connected user sends a message to the peer; the frame <c>msg</c>.</summary>
public sealed record SendMessage(Attachment Sender, OutgoingMessage Message) : IRequest<Result<Accepted>>
{
    /// <summary>Prints nothing of the message: a slip in a log must not show it.</summary>
    public override string ToString() => nameof(SendMessage);
}

internal sealed class SendMessageHandler(IMessageQueue queue) : IRequestHandler<SendMessage, Result<Accepted>>
{
    // Everything up to the port runs before this returns, so the order of the calls is the order in the queue.
    public Task<Result<Accepted>> Handle(SendMessage request, CancellationToken cancellationToken) =>
        queue.EnqueueAsync(request.Sender, request.Message, cancellationToken);
}
