using System.Net.WebSockets;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>
/// One accepted websocket: a reader that lives as long as the socket, a writer that runs only while there is something to
/// write, and the goodbye. What the frames mean is in <see cref="FrameHandler"/>, what is to be said in <see cref="Outgoing"/>.
/// </summary>
internal sealed partial class SocketConnection : IDisposable
{
    /// <summary>How long the client's answer to a close frame may take; then the connection is aborted.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a message may be missing before the queue is read for it: publications may overtake each other.</summary>
    private static readonly TimeSpan StragglerWait = TimeSpan.FromMilliseconds(25);

    /// <summary>Between two attempts to read the queue of a store that is away.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly WebSocket _socket;
    private readonly SocketServices _services;
    private readonly Attachment _attachment;
    private readonly Outgoing _outgoing;
    private readonly Acknowledgements _acknowledgements;
    private readonly FrameHandler _frames;
    private readonly TokenLife _token;
    private readonly bool _plain;
    private readonly Action _abort;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _goodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _space;
    private bool _isWriting;
    private bool _wakeAgain;
    private bool _isWaitingForStraggler;
    private int _isTouching;
    private volatile int _closingCode;
    private volatile bool _closeSent;
    private volatile bool _isOver;

    /// <param name="socket">The socket, upgraded.</param>
    /// <param name="attached">What the store said when the connection was claimed.</param>
    /// <param name="plain">The mode in which only messages and errors come out.</param>
    /// <param name="tokenExpiresAt">The token's own expiry; the clock skew comes on top.</param>
    /// <param name="abort">Ends the transport at once, without a goodbye.</param>
    /// <param name="services">What all connections share.</param>
    public SocketConnection(WebSocket socket, Attached attached, bool plain, DateTimeOffset tokenExpiresAt, Action abort, SocketServices services)
    {
        _socket = socket;
        _services = services;
        _plain = plain;
        _abort = abort;
        _attachment = attached.Attachment;
        _outgoing = new Outgoing(attached, plain);
        _acknowledgements = new Acknowledgements(_attachment, attached.Progress.Acknowledged, services.Mediator, this);
        _token = new TokenLife(tokenExpiresAt, services.Clock, () => Close(CloseCodes.TokenExpired));
        _frames = new FrameHandler(this, _attachment, plain, _outgoing, _acknowledgements, _token, services);
    }

    public UserId User => _attachment.User;

    /// <summary>The code it closes with, once that is certain.</summary>
    private WebSocketCloseStatus? Closing => _closingCode == 0 ? null : (WebSocketCloseStatus)_closingCode;

    /// <summary>Serves the socket until it is closed, by either side, or lost.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        _token.Check();
        Wake();
        try
        {
            await ReceiveAsync(aborted);
            await _goodbye.Task.WaitAsync(aborted);
        }
        catch (Exception failure) when (IsLoss(failure))
        {
            // The platform's pings go unanswered: it faults the socket.
            var tookNothing = failure is WebSocketException { WebSocketErrorCode: WebSocketError.Faulted };
            Log.Lost(_services.Logger, User.Number, tookNothing ? (int)CloseCodes.TookNothing : 1006);
        }
        catch (Exception failure)
        {
            Fail(failure);
            await _goodbye.Task.WaitAsync(GoodbyeTimeout, _services.Clock, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            End();
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
                WaitForStragglers();
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

    /// <summary>The sweep: renews the session's life and repairs what no publication told.</summary>
    public async Task TouchAsync()
    {
        // One at a time: a sweep that finds the earlier one still under way has nothing to add.
        if (Interlocked.Exchange(ref _isTouching, 1) == 1)
        {
            return;
        }

        try
        {
            _token.Check();
            var seen = _outgoing.Seen();
            var touched = await _services.Sessions.TouchAsync(_attachment, CancellationToken.None);
            if (!touched.IsOk)
            {
                EndBy(touched.Error);
                return;
            }

            if (WentBack(seen, touched.Value))
            {
                await AbandonAsync();
                return;
            }

            _outgoing.Learn(touched.Value);
            _acknowledgements.Learn(touched.Value.Acknowledged);
            WaitForStragglers();
            Wake();
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
        finally
        {
            Volatile.Write(ref _isTouching, 0);
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

        FreeSpace();
        Wake();
    }

    /// <summary>Closes the connection if the refusal means that; the refusal of one frame does not.</summary>
    public bool EndBy(Error error)
    {
        if (CloseCodes.Of(error.Code) is not { } code)
        {
            return false;
        }

        Close(code);
        return true;
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

    /// <summary>Ends the transport at once.</summary>
    public void Abort() => _abort();

    /// <summary>Lets the writer run if there is something to write. Called from any thread.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_isWriting || _isOver)
            {
                _wakeAgain = true;
                return;
            }

            _isWriting = true;
        }

        _ = WriteAsync();
    }

    private static bool IsLoss(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private static bool WentBack(SessionProgress seen, SessionProgress now) =>
        now.LastSeq < seen.LastSeq || now.LastId < seen.LastId || now.SentSeq < seen.SentSeq
        || now.Delivered < seen.Delivered || now.PeerEpoch < seen.PeerEpoch;

    private async Task ReceiveAsync(CancellationToken aborted)
    {
        var reader = new FrameReceiver(_socket, _services.Options.MaxFrameBytes);
        while (true)
        {
            using var received = await reader.ReceiveAsync(aborted);
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
                case FrameReceiver.Kind.Binary:
                    Close(WebSocketCloseStatus.InvalidMessageType);
                    break;
                default:
                    await _frames.HandleAsync(received.Text, aborted);
                    Wake();
                    await WaitForSpaceAsync(aborted);
                    break;
            }
        }
    }

    /// <summary>Where too many answers are outstanding, reading stops until some are written.</summary>
    private async Task WaitForSpaceAsync(CancellationToken aborted)
    {
        while (Closing is null && _outgoing.IsFullOfAnswers())
        {
            var space = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _space, space);

            // Written or closing between the look and the wait?
            if (Closing is not null || !_outgoing.IsFullOfAnswers())
            {
                return;
            }

            await space.Task.WaitAsync(aborted);
        }
    }

    private void FreeSpace() => Volatile.Read(ref _space)?.TrySetResult();

    private async Task WriteAsync()
    {
        try
        {
            var writer = new FrameSender(_socket, _services.Options.SendTimeout, _services.Clock);
            do
            {
                while (!_closeSent && await StepAsync(writer))
                {
                }
            }
            while (!IsIdle());
        }
        catch (Exception failure)
        {
            if (failure is TimeoutException)
            {
                Log.Lost(_services.Logger, User.Number, (int)CloseCodes.TookNothing);
            }
            else if (!IsLoss(failure))
            {
                Log.Fault(_services.Logger, User.Number, failure.GetType().Name);
            }

            End();
            _abort();
        }
    }

    private bool IsIdle()
    {
        lock (_lock)
        {
            if (_wakeAgain && !_closeSent)
            {
                _wakeAgain = false;
                return false;
            }

            _isWriting = false;
            return true;
        }
    }

    /// <summary>Writes one thing; false: there is nothing more at the moment.</summary>
    private async ValueTask<bool> StepAsync(FrameSender writer)
    {
        var closing = Closing;
        if (closing is not null && (!CloseCodes.AnswersFirst(closing.Value) || _outgoing.HasAnsweredAll()))
        {
            await SayGoodbyeAsync(writer, closing.Value);
            return false;
        }

        var item = _outgoing.Take(answersOnly: closing is not null);
        switch (item.Type)
        {
            case OutgoingItem.Kind.Frame:
                await writer.SendAsync(item.Body);
                return true;
            case OutgoingItem.Kind.Message:
                await writer.SendMessageAsync(item.Body, item.Seq);
                _outgoing.Wrote(item.Seq);
                if (_plain)
                {
                    _acknowledgements.Add(item.Seq);
                }

                return true;
            case OutgoingItem.Kind.Answer:
                FreeSpace();
                await WriteAnswerAsync(writer, item.Reply!);
                return true;
            case OutgoingItem.Kind.Page:
                return await ReadPageAsync(item);
            default:
                return false;
        }
    }

    private async Task WriteAnswerAsync(FrameSender writer, Answer answer)
    {
        if (answer.Frame is not null)
        {
            await writer.SendAsync(answer.Frame);
            return;
        }

        Result<Accepted> result;
        try
        {
            result = await answer.Call!;
        }
        catch (Exception failure)
        {
            Fail(failure);
            return;
        }

        if (result.IsOk)
        {
            if (!_outgoing.TryConfirm(answer.Id, result.Value))
            {
                await AbandonAsync();
            }
            else if (!_plain)
            {
                await writer.SendAsync(FrameWriter.Sent(answer.Id, result.Value.Seq, result.Value.IsDuplicate));
            }
        }
        else if (result.Error.Expected <= _outgoing.LastId)
        {
            // The store asks again for an id that it has confirmed.
            await AbandonAsync();
        }
        else if (!EndBy(result.Error))
        {
            await writer.SendAsync(FrameHandler.Refusal(result.Error, "msg", answer.Id));
            _frames.CountBad(ErrorMap.NumberOf(result.Error.Code));
        }
    }

    private async Task<bool> ReadPageAsync(OutgoingItem wanted)
    {
        var page = await _services.Queue.ReadAsync(_attachment, wanted.Seq, CancellationToken.None);
        if (page.IsOk)
        {
            if (!_outgoing.TryAdd(page.Value, wanted.Known))
            {
                await AbandonAsync();
            }

            return true;
        }

        if (!EndBy(page.Error))
        {
            _ = WakeLaterAsync();
        }

        return Closing is not null;
    }

    /// <summary>The store is away: its queue is asked again after a while.</summary>
    private async Task WakeLaterAsync()
    {
        await Task.Delay(RetryAfter, _services.Clock);
        Wake();
    }

    /// <summary>A gap in the order is often closed by a publication that is only late; the queue is read when it does not come.</summary>
    private void WaitForStragglers()
    {
        if (!_outgoing.HasGap())
        {
            return;
        }

        lock (_lock)
        {
            if (_isWaitingForStraggler)
            {
                return;
            }

            _isWaitingForStraggler = true;
        }

        _ = GiveUpWaitingAsync();
    }

    private async Task GiveUpWaitingAsync()
    {
        await Task.Delay(StragglerWait, _services.Clock);
        lock (_lock)
        {
            _isWaitingForStraggler = false;
        }

        _outgoing.GiveUpWaiting();
        Wake();
    }

    private async Task SayGoodbyeAsync(FrameSender writer, WebSocketCloseStatus code)
    {
        await writer.CloseAsync(code);
        lock (_lock)
        {
            _closeSent = true;
        }

        _goodbye.TrySetResult();
        _ = AbortUnlessAnsweredAsync();
    }

    private async Task AbortUnlessAnsweredAsync()
    {
        await Task.Delay(GoodbyeTimeout, _services.Clock);
        if (!_isOver)
        {
            _abort();
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        _goodbye.TrySetResult();
        FreeSpace();
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
