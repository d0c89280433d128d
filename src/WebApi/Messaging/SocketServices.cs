using Im.Application.Accounts;
using Im.Application.Messaging;
using Im.WebApi.Limits;
using Im.WebApi.Security;
using MediatR;

namespace Im.WebApi.Messaging;

/// <summary>What all connections of a node share.</summary>
internal sealed record SocketServices(
    IMediator Mediator,
    ISessionRepository Sessions,
    IMessageQueue Queue,
    TokenValidator Tokens,
    IRevocations Revocations,
    MessagingOptions Options,
    LimitsOptions Limits,
    AcknowledgementRound Round,
    KeepAlive.Rhythm Rhythm,
    TimeProvider Clock,
    ILogger<SocketConnection> Logger);
