using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>
/// Writes what a connection has to say, what is due together in one write, and says goodbye. Runs only while there is something to write:
/// an idle connection has no task here.
/// </summary>
internal sealed class SendLoop
{
    /// <summary>How long the client's answer to a close frame may take; then the connection is aborted.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly SocketConnection _connection;
    private readonly Outgoing _outgoing;
    private readonly Acknowledgements? _acknowledgesWhatIsTaken;
    private readonly TimeProvider _clock;
    private readonly FrameSender _sender;
    private readonly AnswerSender _answers;
    private readonly AnswerSpace _space;
    private readonly PageReader _pages;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isRunning;
    private bool _wakeAgain;
    private volatile bool _saidGoodbye;
    private volatile bool _isOver;

    /// <param name="connection">Whose loop it is.</param>
    /// <param name="sender">Writes to its socket; nobody else does.</param>
    /// <param name="attachment">Its claim.</param>
    /// <param name="plain">The mode in which what the socket took counts as acknowledged.</param>
    /// <param name="outgoing">What is to be said.</param>
    /// <param name="acknowledgements">The connection's acknowledgements.</param>
    /// <param name="services">What all connections share.</param>
    public SendLoop(
        SocketConnection connection, FrameSender sender, Attachment attachment, bool plain, Outgoing outgoing, Acknowledgements acknowledgements, SocketServices services)
    {
        _connection = connection;
        _outgoing = outgoing;
        _acknowledgesWhatIsTaken = plain ? acknowledgements : null;
        _clock = services.Clock;
        _sender = sender;
        _answers = new AnswerSender(connection, _sender, outgoing, plain);
        _space = new AnswerSpace(connection, outgoing);
        _pages = new PageReader(connection, attachment, outgoing, services);
    }

    /// <summary>Where reading waits while too many answers are outstanding.</summary>
    public AnswerSpace Space => _space;

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
        _space.Free();
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
        if (_connection.TryLose(failure))
        {
            _ended.TrySetResult();
            AbortUnlessOver();
            return;
        }

        _connection.Fail(failure);
        try
        {
            await SayGoodbyeAsync(WebSocketCloseStatus.InternalServerError);
        }
        catch (Exception unsaid) when (_connection.TryLose(unsaid))
        {
            _ended.TrySetResult();
            AbortUnlessOver();
        }
    }

    /// <summary>Writes what is due; false: there is nothing more at the moment.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> StepAsync()
    {
        _sender.Collect();
        var lastTaken = 0L;
        var more = true;
        while (more && !_isOver && !_sender.IsFull)
        {
            (more, var seq) = await CollectAsync();
            lastTaken = Math.Max(lastTaken, seq);
        }

        await _sender.FlushAsync();
        if (lastTaken > 0)
        {
            _outgoing.Wrote(lastTaken);
            _acknowledgesWhatIsTaken?.Add(lastTaken);
        }

        return more;
    }

    /// <summary>Adds the next thing to what will be written; with a message, its seq.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(bool More, long Seq)> CollectAsync()
    {
        var closing = _connection.Closing;
        if (closing is not null && (!CloseCodes.AnswersFirst(closing.Value) || _outgoing.HasAnsweredAll()))
        {
            await SayGoodbyeAsync(closing.Value);
            return (false, 0);
        }

        var item = _outgoing.Take(answersOnly: closing is not null, readsPage: _pages.IsBusy);
        switch (item.Type)
        {
            case OutgoingItem.Kind.Frame:
                await _sender.AddAsync(item.Body);
                return (true, 0);
            case OutgoingItem.Kind.Message:
                await _sender.AddMessageAsync(item.Body, item.Seq);
                return (true, item.Seq);
            case OutgoingItem.Kind.Answer:
                _space.Free();
                if (item.Next is { IsCompleted: false } next)
                {
                    next.WhenCompleted(_connection.WhenAnswered);
                }

                await _answers.SendAsync(item.Reply!);
                return (true, 0);
            case OutgoingItem.Kind.Page:
                _pages.Start(item.Seq, item.Known);
                return (true, 0);
            default:
                return (false, 0);
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
        await Task.Delay(GoodbyeTimeout, _clock);
        AbortUnlessOver();
    }

    /// <summary>Not once the request is over: its transport may be serving another one by then.</summary>
    private void AbortUnlessOver()
    {
        if (!_isOver)
        {
            _connection.Abort();
        }
    }
}
