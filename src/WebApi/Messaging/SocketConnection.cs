using System.Net.WebSockets;
using Im.Application.Accounts;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Im.WebApi.Messaging;

/// <summary>
/// One accepted websocket: reads its frames as long as it lives, hears what is published for it, and decides when and why it
/// ends. What frames mean is in <see cref="FrameHandler"/>, what is to be said in <see cref="Outgoing"/>, writing in <see cref="SendLoop"/>.
/// </summary>
internal sealed partial class SocketConnection : IDisposable
{
    /// <summary>How long the goodbye after a fault may take.</summary>
    private static readonly TimeSpan FaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the notice of a session's end may take before a session that is not there counts as lost.</summary>
    private static readonly TimeSpan NoticePatience = TimeSpan.FromMilliseconds(250);

    private readonly WebSocket _socket;
    private readonly CorkedStream _stream;
    private readonly SocketServices _services;
    private readonly Attachment _attachment;
    private readonly Outgoing _outgoing;
    private readonly Acknowledgements _acknowledgements;
    private readonly FrameHandler _frames;
    private readonly TokenLife _token;
    private readonly SendLoop _loop;
    private readonly Stragglers _stragglers;
    private readonly SessionTouch _touch;
    private readonly KeepAlive _keepAlive;
    private readonly Action _abort;
    private readonly Lock _lock = new();
    private readonly bool _plain;
    private int _lostCode;
    private volatile int _closingCode;
    private volatile bool _isOver;

    /// <param name="socket">The socket, upgraded.</param>
    /// <param name="stream">What the socket writes to.</param>
    /// <param name="attached">What the store said when the connection was claimed.</param>
    /// <param name="plain">The mode in which only messages and errors come out.</param>
    /// <param name="token">The token that it was opened with.</param>
    /// <param name="abort">Ends the transport at once, without a goodbye.</param>
    /// <param name="services">What all connections share.</param>
    public SocketConnection(WebSocket socket, CorkedStream stream, Attached attached, bool plain, ValidatedToken token, Action abort, SocketServices services)
    {
        _socket = socket;
        _stream = stream;
        _services = services;
        _abort = abort;
        _plain = plain;
        _attachment = attached.Attachment;
        _outgoing = new Outgoing(attached, plain, services.Clock);
        _acknowledgements = new Acknowledgements(_attachment, attached.Progress.Acknowledged, plain ? null : services.Round, services.Mediator, this);
        _token = new TokenLife(token, services.Clock, () => Close(CloseCodes.TokenExpired));
        _loop = new SendLoop(this, new FrameSender(socket, stream, services.Options.SendTimeout, services.Clock), _attachment, plain, _outgoing, _acknowledgements, services);
        WhenAnswered = _loop.Wake;
        _stragglers = new Stragglers(this, _outgoing, services.Clock);
        _touch = new SessionTouch(this, _attachment, _outgoing, _acknowledgements, _token, services);
        _keepAlive = new KeepAlive(stream, services.Rhythm);
        _frames = new FrameHandler(this, _attachment, plain, _outgoing, _acknowledgements, _token, services);
    }

    public Attachment Attachment => _attachment;

    /// <summary>What waits here: answers that the client is owed, messages for its socket.</summary>
    public (int Answers, long Messages) Depth() => _outgoing.Depth();

    public UserId User => _attachment.User;

    /// <summary>The code it closes with, once that is certain.</summary>
    public WebSocketCloseStatus? Closing => _closingCode == 0 ? null : (WebSocketCloseStatus)_closingCode;

    /// <summary>Serves the socket until it is closed, by either side, or lost.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        NodeMetrics.Opened(_plain);
        _token.Check();
        Wake();
        try
        {
            await ReceiveAsync(aborted);
            await _loop.Ended.WaitAsync(aborted);
        }
        catch (WebSocketException failure) when (failure.WebSocketErrorCode is WebSocketError.Faulted)
        {
            // The platform itself has said goodbye: bad UTF-8 (1007), or what is no websocket frame (1002). Hanging up before
            // the client has read that would take it away again.
            _loop.End();
            await Task.Delay(FaultTimeout, _services.Clock, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception failure) when (TryLose(failure))
        {
            // A write that still waits for the lost client must not keep the request.
            _abort();
        }
        catch (Exception failure)
        {
            Fail(failure);
            await _loop.Ended.WaitAsync(FaultTimeout, _services.Clock, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _loop.End();
            await _loop.Finished;
            await EndPingsAsync();
            await _acknowledgements.EndAsync();
            NodeMetrics.Closed(_plain, (WebSocketCloseStatus)(_lostCode is 0 ? _closingCode : _lostCode));
            Log.Closed(_services.Logger, User.Number, _closingCode, _outgoing.WrittenSeq);
        }
    }

    public void Dispose() => _token.Dispose();

    /// <summary>Something was published for this connection. Called from any thread.</summary>
    public void OnEvent(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case SessionEvent.MessagesStored stored:
                _outgoing.Offer(stored);
                _stragglers.Expect();
                break;
            case SessionEvent.SignalSent signal:
                _outgoing.Offer(signal);
                break;
            case SessionEvent.Delivered delivered:
                _outgoing.Offer(delivered);
                break;
            case SessionEvent.PresenceChanged presence:
                _outgoing.Offer(presence);
                break;
            case SessionEvent.HandshakeOpened:
                _ = TouchAsync();
                return;
            case SessionEvent.TakenOver takenOver when takenOver.Epoch > _attachment.Epoch:
                Close(CloseCodes.TakenOver);
                return;
            case SessionEvent.SessionOver over:
                Close(over.Lost ? CloseCodes.SessionLost : CloseCodes.SessionEnded);
                return;
        }

        Wake();
    }

    /// <summary>Renews the session's life and repairs what no publication told.</summary>
    public Task TouchAsync() => _touch.RunAsync();

    /// <summary>The same by the sweep, which makes the call for several connections. False: one is under way.</summary>
    public bool TryBeginTouch() => _touch.TryBegin();

    /// <summary>What the store said to the sweep's call.</summary>
    public Task EndTouchAsync(Result<SessionProgress> touched) => _touch.EndAsync(touched);

    /// <summary>Tokens were revoked; ends the connection if its own is among them.</summary>
    public void Revoke(Revocation revocation)
    {
        if (revocation.User == User)
        {
            _token.Revoke(revocation);
        }
    }

    /// <summary>The round of pings: pings if it is time, and gives up a client that has not answered.</summary>
    public void Ping()
    {
        if (Closing is null && !_isOver && _socket.State is WebSocketState.Open && !_keepAlive.Visit())
        {
            TryLose(new TimeoutException());
            _abort();
        }
    }

    /// <summary>Closes the connection. A code that drops what waits overrides one that answers it first.</summary>
    public void Close(WebSocketCloseStatus code)
    {
        lock (_lock)
        {
            if (Closing is not { } present || (CloseCodes.AnswersFirst(present) && !CloseCodes.AnswersFirst(code)))
            {
                _closingCode = (int)code;
            }
        }

        _loop.Space.Free();
        Wake();
    }

    /// <summary>Closes the connection if the refusal means that; the refusal of one frame does not.</summary>
    public bool EndBy(Error error)
    {
        if (CloseCodes.Of(error.Code) is not { } code)
        {
            return false;
        }

        if (code is CloseCodes.SessionLost)
        {
            _ = CloseUnlessToldAsync();
        }
        else
        {
            Close(code);
        }

        return true;
    }

    /// <summary>A session that somebody just ended is not there either: its notice may be on the way, and says 4403.</summary>
    private async Task CloseUnlessToldAsync()
    {
        await Task.Delay(NoticePatience, _services.Clock);
        Close(CloseCodes.SessionLost);
    }

    /// <summary>The store went back in time: the session ends for both sides, before anybody builds on it.</summary>
    public async Task AbandonAsync()
    {
        await _services.Sessions.AbandonAsync(_attachment.Session, CancellationToken.None);
        Close(CloseCodes.SessionLost);
    }

    /// <summary>A fault of the server's: logged once, by its type only, and told as 1011.</summary>
    public void Fail(Exception failure)
    {
        Log.Fault(_services.Logger, User.Number, failure.GetType().Name);
        Close(WebSocketCloseStatus.InternalServerError);
    }

    /// <summary>The transport failed or took nothing: logged once, with the code it would have closed with. False: it is a fault of the server's.</summary>
    public bool TryLose(Exception failure)
    {
        // A write that waited too long, or a ping without an answer. Where nothing of ours hung up, the platform did, for the like.
        var tookNothing = failure is TimeoutException || (failure is ConnectionAbortedException && Closing is null && !_loop.Ended.IsCompleted);
        if (!tookNothing && !IsLoss(failure))
        {
            return false;
        }

        var code = tookNothing ? (int)CloseCodes.TookNothing : (int)CloseCodes.Lost;
        if (Interlocked.CompareExchange(ref _lostCode, code, 0) == 0)
        {
            Log.Lost(_services.Logger, User.Number, code);
        }

        return true;
    }

    /// <summary>Ends the transport at once.</summary>
    public void Abort() => _abort();

    /// <summary>The store told how far the session has come: a message that is missing is waited for, and the rest is said.</summary>
    public void Repair()
    {
        _stragglers.Expect();
        Wake();
    }

    /// <summary>Lets the writer run if there is something to write. Called from any thread.</summary>
    public void Wake() => _loop.Wake();

    /// <summary>The same, to be called back by a call to the store; made once, not for every message.</summary>
    public Action WhenAnswered { get; }

    /// <summary>Counts what the store found to be a bad frame.</summary>
    public void CountBad(int number) => _frames.CountBad(number);

    /// <summary>Behind the request the transport may be another's: no ping may be under way any more.</summary>
    private async Task EndPingsAsync()
    {
        _isOver = true;
        var written = _stream.SilenceAsync();
        if (!written.IsCompleted)
        {
            // The client takes nothing, or the ping before it would be written.
            _abort();
        }

        await written;
    }

    private static bool IsLoss(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private async Task ReceiveAsync(CancellationToken aborted)
    {
        var reader = new FrameReceiver(_socket, _services.Options.MaxFrameBytes);
        while (true)
        {
            // Without the token: the end of the transport ends it too, and says why.
            using var received = await reader.ReceiveAsync(CancellationToken.None);
            switch (received.Type)
            {
                case FrameReceiver.Kind.Closed:
                    Close(WebSocketCloseStatus.NormalClosure);
                    return;
                case var _ when Closing is not null:
                    break; // Only the client's close frame still matters.
                case FrameReceiver.Kind.TooLong:
                    Close(WebSocketCloseStatus.MessageTooBig);
                    break;
                case FrameReceiver.Kind.NoText:
                    Close(WebSocketCloseStatus.InvalidPayloadData);
                    break;
                case FrameReceiver.Kind.Binary:
                    Close(WebSocketCloseStatus.InvalidMessageType);
                    break;
                default:
                    _frames.Handle(received.Text.Span);
                    await _loop.Space.WaitAsync(aborted);
                    break;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Debug, "The connection of user {User} was lost ({Code}).")]
        public static partial void Lost(ILogger logger, long user, int code);

        [LoggerMessage(2002, LogLevel.Debug, "The connection of user {User} ended with {Code} after message {WrittenSeq}.")]
        public static partial void Closed(ILogger logger, long user, int code, long writtenSeq);

        [LoggerMessage(2003, LogLevel.Error, "A fault in the connection of user {User}: {Failure}.")]
        public static partial void Fault(ILogger logger, long user, string failure);
    }
}
