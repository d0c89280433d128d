using Im.Client.Accounts;
using Im.Client.Errors;

namespace Im.Client.Messaging;

/// <summary>Gives an open connection a fresh token in time (<c>auth</c>), so that it lives on.</summary>
internal sealed class TokenRenewal(Wake wake)
{
    private const int MaxFailures = 10;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private byte[]? _frame;
    private TaskCompletionSource<bool>? _answer;

    /// <summary>The frame that is due; null where none is.</summary>
    public byte[]? Next()
    {
        lock (_lock)
        {
            var frame = _frame;
            _frame = null;
            return frame;
        }
    }

    /// <summary>The server answered an <c>auth</c>.</summary>
    public void Answered(bool isGood)
    {
        lock (_lock)
        {
            _answer?.TrySetResult(isGood);
        }
    }

    /// <summary>Renews as long as the connection lives. Gives up after some failures in a row: then the connection ends with its token, and the next one says why.</summary>
    /// <param name="tokens">Where fresh ones come from.</param>
    /// <param name="held">What the connection was opened with.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    public async Task RunAsync(TokenKeeper tokens, HeldToken held, TimeProvider clock, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        for (var failures = 0; tokens.CanRenew && failures < MaxFailures;)
        {
            await UntilAsync(held.RenewAt, clock, cancellationToken).ConfigureAwait(false);
            try
            {
                var fresh = await tokens.RenewAsync(held, cancellationToken).ConfigureAwait(false);
                if (await OfferAsync(fresh.Account.Token, clock, cancellationToken).ConfigureAwait(false))
                {
                    (held, failures) = (fresh, 0);
                    backoff.Reset();
                    continue;
                }
            }
            catch (ImException)
            {
                // None to be had now; while the present one lives there is time.
            }

            failures++;
            await Task.Delay(backoff.Next(), clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> OfferAsync(string token, TimeProvider clock, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _answer = answer;
            _frame = ClientFrames.Auth(token);
        }

        wake.Set();
        try
        {
            return await answer.Task.WaitAsync(AnswerLimit, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _frame = null;
            }
        }
    }

    private static async Task UntilAsync(DateTimeOffset moment, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Timers have an end of about 49 days; tokens may live longer.
        for (var left = moment - clock.GetUtcNow(); left > TimeSpan.Zero; left = moment - clock.GetUtcNow())
        {
            await Task.Delay(left < LongestDelay ? left : LongestDelay, clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
