namespace Im.Client.Connecting;

/// <summary>The wait until the next try to connect, which a caller may cut short.</summary>
internal sealed class RetryWait(TimeProvider clock)
{
    private volatile TaskCompletionSource? _hurry;

    /// <summary>Returns when it is time.</summary>
    /// <param name="delay">How long at most.</param>
    /// <param name="isForced">The server asked for it: then nobody cuts it short.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitAsync(TimeSpan delay, bool isForced, CancellationToken cancellationToken)
    {
        var hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hurry = isForced ? null : hurry;
        try
        {
            await hurry.Task.WaitAsync(delay, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nobody was in a hurry.
        }
        finally
        {
            _hurry = null;
        }
    }

    /// <summary>It is time now.</summary>
    /// <returns>Whether a wait was cut short by this; false where nobody waits, or because the server asked for it.</returns>
    public bool Now() => _hurry?.TrySetResult() ?? false;
}
