namespace Im.WebApi.Messaging;

/// <summary>Where the reading of a connection waits while too many of its answers are outstanding: what it must still say is bounded by what it reads.</summary>
internal sealed class AnswerSpace(SocketConnection connection, Outgoing outgoing)
{
    private TaskCompletionSource? _space;

    /// <summary>Returns when there is room for one more answer, or the connection is closing.</summary>
    public async Task WaitAsync(CancellationToken aborted)
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

    /// <summary>Whoever waits looks again.</summary>
    public void Free() => Volatile.Read(ref _space)?.TrySetResult();
}
