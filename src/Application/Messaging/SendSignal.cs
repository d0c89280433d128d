using Im.Domain;
using MediatR;

namespace Im.Application.Messaging;

/// <summary>A connected user sends a signal (typing, call set-up): relayed if the peer is connected, else dropped; the frame <c>signal</c>.</summary>
/// <param name="Sender">The connection.</param>
/// <param name="Body">The recipient's whole frame.</param>
public sealed record SendSignal(Attachment Sender, ReadOnlyMemory<byte> Body) : IRequest<Result<Done>>
{
    /// <summary>Prints nothing of the signal: a slip in a log must not show it.</summary>
    public override string ToString() => nameof(SendSignal);
}

internal sealed class SendSignalHandler(ISessionEvents events) : IRequestHandler<SendSignal, Result<Done>>
{
    public Task<Result<Done>> Handle(SendSignal request, CancellationToken cancellationToken) =>
        events.SignalAsync(request.Sender, request.Body, cancellationToken);
}
