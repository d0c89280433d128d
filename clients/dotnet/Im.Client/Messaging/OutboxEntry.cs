namespace Im.Client.Messaging;

/// <summary>A message from the call to the relay's answer.</summary>
internal sealed class OutboxEntry
{
    public OutboxEntry(byte[] text)
    {
        Text = text;
        Observe(Stored.Task);
        Observe(Delivered.Task);
    }

    /// <summary>UTF-8; dropped once it is encrypted.</summary>
    public byte[] Text { get; set; }

    /// <summary>Given when it first goes on the wire.</summary>
    public long Id { get; set; }

    /// <summary>As it goes on the wire, the same every time.</summary>
    public byte[] Frame { get; set; } = [];

    public TaskCompletionSource<SentMessage> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Delivered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The relay has it.</summary>
    public void Store() => Stored.TrySetResult(new SentMessage(Id, Delivered.Task));

    /// <summary>The conversation ended first.</summary>
    /// <param name="error">Why; null: this side ended it.</param>
    public void Fail(ImException? error)
    {
        if (error is null)
        {
            Stored.TrySetException(new ObjectDisposedException(nameof(Conversation)));
            Delivered.TrySetCanceled();
            return;
        }

        Stored.TrySetException(error);
        Delivered.TrySetException(error);
    }

    // Whoever does not wait for it must not hear of it as a fault that nobody looked at.
    private static void Observe(Task task) => task.ContinueWith(
        static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
