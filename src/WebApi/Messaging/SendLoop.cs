using System.Net.WebSockets;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>
/// Writes what a connection has to say, one frame at a time, and says goodbye. Runs only while there is something to write:
/// an idle connection has no task here.
/// </summary>
internal sealed class SendLoop(
    SocketConnection connection, WebSocket socket, Attachment attachment, bool plain, Outgoing outgoing, Acknowledgements acknowledgements, SocketServices services)
{
    /// <summary>How long the client's answer to a close frame may take; then the connection is aborted.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a message may be missing before the queue is read for it: publications may overtake each other.</summary>
    private static readonly TimeSpan StragglerWait = TimeSpan.FromMilliseconds(25);

    private readonly FrameSender _sender = new(socket, services.Options.SendTimeout, services.Clock);
    private readonly PageReader _pages = new(connection, attachment, outgoing, services);
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _space;
    private bool _isRunning;
    private bool _wakeAgain;
    private bool _isWaitingForStraggler;
    private volatile bool _saidGoodbye;
    private volatile bool _isOver;

    /// <summary>Completes when the close frame is written, or nothing can be written any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes when the loop is over and touches the socket no more.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Lets the loop run if there is something to write. Called from any thread.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_isRunning || _isOver)
            {
                _wakeAgain = true;
                return;
            }

            _isRunning = true;
        }

        _ = RunAsync();
    }

    /// <summary>Nothing new is written any more; <see cref="Finished"/> says when the last write is done.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            FinishIfIdle();
        }

        _ended.TrySetResult();
        FreeSpace();
    }

    /// <summary>Where too many answers are outstanding, reading waits until some are written.</summary>
    public async Task WaitForSpaceAsync(CancellationToken aborted)
    {
        while (connection.Closing is null && outgoing.IsFullOfAnswers())
        {
            var space = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _space, space);

            // Written or closing between the look and the wait?
            if (connection.Closing is not null || !outgoing.IsFullOfAnswers())
            {
                return;
            }

            await space.Task.WaitAsync(aborted);
        }
    }

    /// <summary>Whoever waits for space looks again.</summary>
    public void FreeSpace() => Volatile.Read(ref _space)?.TrySetResult();

    /// <summary>A gap in the order is often closed by a publication that is only late; the queue is read when it does not come.</summary>
    public void WaitForStragglers()
    {
        if (!outgoing.HasGap())
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
        await Task.Delay(StragglerWait, services.Clock);
        lock (_lock)
        {
            _isWaitingForStraggler = false;
        }

        outgoing.GiveUpWaiting();
        Wake();
    }

    private async Task RunAsync()
    {
        try
        {
            do
            {
                while (!_isOver && !_saidGoodbye && await StepAsync())
                {
                }
            }
            while (!IsIdle());
        }
        catch (Exception failure)
        {
            await BreakAsync(failure);
            lock (_lock)
            {
                _isRunning = false;
                FinishIfIdle();
            }
        }
    }

    /// <summary>One step, so that nothing woken for meanwhile is left lying.</summary>
    private bool IsIdle()
    {
        lock (_lock)
        {
            _isRunning = _wakeAgain && !_saidGoodbye && !_isOver;
            _wakeAgain = false;
            FinishIfIdle();
            return !_isRunning;
        }
    }

    /// <summary>The lock is held.</summary>
    private void FinishIfIdle()
    {
        if (_isOver && !_isRunning)
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>A transport that failed is aborted; after a fault of the server's own the client is still told, if it can be.</summary>
    private async Task BreakAsync(Exception failure)
    {
        if (connection.TryLose(failure))
        {
            _ended.TrySetResult();
            AbortUnlessOver();
            return;
        }

        connection.Fail(failure);
        try
        {
            await SayGoodbyeAsync(WebSocketCloseStatus.InternalServerError);
        }
        catch (Exception unsaid) when (connection.TryLose(unsaid))
        {
            _ended.TrySetResult();
            AbortUnlessOver();
        }
    }

    /// <summary>Writes one thing; false: there is nothing more at the moment.</summary>
    private async ValueTask<bool> StepAsync()
    {
        var closing = connection.Closing;
        if (closing is not null && (!CloseCodes.AnswersFirst(closing.Value) || outgoing.HasAnsweredAll()))
        {
            await SayGoodbyeAsync(closing.Value);
            return false;
        }

        var item = outgoing.Take(answersOnly: closing is not null, readsPage: _pages.IsBusy);
        switch (item.Type)
        {
            case OutgoingItem.Kind.Frame:
                await _sender.SendAsync(item.Body);
                return true;
            case OutgoingItem.Kind.Message:
                await SendMessageAsync(item);
                return true;
            case OutgoingItem.Kind.Answer:
                FreeSpace();
                await AnswerAsync(item.Reply!);
                return true;
            case OutgoingItem.Kind.Page:
                _pages.Start(item.Seq, item.Known);
                return true;
            default:
                return false;
        }
    }

    private async Task SendMessageAsync(OutgoingItem message)
    {
        await _sender.SendMessageAsync(message.Body, message.Seq);
        outgoing.Wrote(message.Seq);
        if (plain)
        {
            acknowledgements.Add(message.Seq);
        }
    }

    private async Task AnswerAsync(Answer answer)
    {
        if (answer.Frame is not null)
        {
            await _sender.SendAsync(answer.Frame);
            return;
        }

        Result<Accepted> result;
        try
        {
            result = await answer.Call!;
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
            return;
        }

        await (result.IsOk ? ConfirmAsync(answer.Id, result.Value) : RefuseAsync(answer.Id, result.Error));
    }

    private async Task ConfirmAsync(long? id, Accepted accepted)
    {
        if (!outgoing.TryConfirm(id, accepted))
        {
            await connection.AbandonAsync();
        }
        else if (!plain)
        {
            await _sender.SendAsync(FrameWriter.Sent(id, accepted.Seq, accepted.IsDuplicate));
        }
    }

    private async Task RefuseAsync(long? id, Error refusal)
    {
        // The store asks again for an id that it has confirmed.
        if (refusal.Expected <= outgoing.LastId)
        {
            await connection.AbandonAsync();
        }
        else if (!connection.EndBy(refusal))
        {
            await _sender.SendAsync(FrameHandler.Refusal(refusal, "msg", id));
            connection.CountBad(ErrorMap.NumberOf(refusal.Code));
        }
    }

    private async Task SayGoodbyeAsync(WebSocketCloseStatus code)
    {
        await _sender.CloseAsync(code);
        _saidGoodbye = true;
        _ended.TrySetResult();
        _ = AbortUnlessAnsweredAsync();
    }

    private async Task AbortUnlessAnsweredAsync()
    {
        await Task.Delay(GoodbyeTimeout, services.Clock);
        AbortUnlessOver();
    }

    /// <summary>Not once the request is over: its transport may be serving another one by then.</summary>
    private void AbortUnlessOver()
    {
        if (!_isOver)
        {
            connection.Abort();
        }
    }
}
