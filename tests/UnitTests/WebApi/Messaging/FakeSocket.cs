using System.Net.WebSockets;
using System.Text;
using Im.Application.Accounts;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Limits;
using Im.WebApi.Messaging;
using Im.WebApi.Security;
using MediatR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>A client that takes every frame at once and never says anything, and the connection that serves it.</summary>
internal sealed class FakeSocket : WebSocket
{
    private readonly List<string> _frames = [];
    private WebSocketCloseStatus? _closed;

    public FakeSocket(TimeProvider clock, FakeTransport? transport = null, ILogger<SocketConnection>? logger = null, PairKey? pair = null)
    {
        var attached = Talk.Attached(pair: pair);

        Transport = transport ?? new FakeTransport();
        Stream = new CorkedStream(Transport);
        Sessions.TouchAsync(attached.Attachment, Arg.Any<CancellationToken>()).Returns(Errors.StoreUnavailable);
        var services = new SocketServices(
            Substitute.For<IMediator>(),
            Sessions,
            Substitute.For<IMessageQueue>(),
            new TokenValidator(new() { SigningKey = new string('k', 32) }, clock),
            Substitute.For<IRevocations>(),
            new MessagingOptions(),
            new LimitsOptions(),
            new AcknowledgementRound(clock),
            new KeepAlive.Rhythm(new MessagingOptions()),
            clock,
            logger ?? NullLogger<SocketConnection>.Instance);
        Connection = new SocketConnection(this, Stream, attached, plain: false, new ValidatedToken(Talk.Ann.User, clock.GetUtcNow().AddHours(1), clock.GetUtcNow()), () => Aborted = true, services);
    }

    public SocketConnection Connection { get; }

    public FakeTransport Transport { get; }

    /// <summary>What a websocket of the platform's would write to and read from.</summary>
    public CorkedStream Stream { get; }

    public ISessionRepository Sessions { get; } = Substitute.For<ISessionRepository>();

    /// <summary>The frames it took; the writer may still be adding some.</summary>
    public string[] Frames
    {
        get
        {
            lock (_frames)
            {
                return [.. _frames];
            }
        }
    }

    public bool Aborted { get; private set; }

    public override WebSocketCloseStatus? CloseStatus => _closed;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _closed is null ? WebSocketState.Open : WebSocketState.CloseSent;

    public override string? SubProtocol => null;

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        lock (_frames)
        {
            _frames.Add(Encoding.UTF8.GetString(buffer));
        }

        return Task.CompletedTask;
    }

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        _closed = closeStatus;
        return Task.CompletedTask;
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The service sends its close frame and goes on reading.");

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nobody reads from a client that says nothing.");

    public override void Abort() => Aborted = true;

    public override void Dispose()
    {
        Connection.Dispose();
        Stream.Dispose();
    }
}
