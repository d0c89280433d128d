using Im.Client.Accounts;
using Im.Client.Errors;
using Im.Client.Messaging;
using Im.Client.Wire;

namespace Im.Client.Connecting;

/// <summary>Keeps a conversation connected: connection after connection, until it is over.</summary>
internal sealed class ConnectionLoop
{
    /// <summary>Times in a row that a connection may be refused for its token, or no new one be had.</summary>
    private const int MaxTokenFailures = 5;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly Parts _parts;
    private readonly Calls _calls;
    private readonly Connection _connection;
    private readonly TimeProvider _clock;
    private readonly Backoff _backoff = Backoff.OfReconnecting();
    private bool _wasReady;
    private int _tokenFailures;

    public ConnectionLoop(Parts parts, Calls calls)
    {
        _parts = parts;
        _calls = calls;
        _clock = parts.Options.TimeProvider;
        _connection = new Connection(parts, calls, new FrameHandler(parts, Ready));
    }

    /// <summary>Runs until the conversation is over; why: null where this side ended it.</summary>
    public async Task<ImException?> RunAsync(CancellationToken closing)
    {
        try
        {
            while (true)
            {
                var token = await _calls.Tokens.GetAsync(closing).ConfigureAwait(false);
                var ending = await _connection.RunAsync(token, closing).ConfigureAwait(false);
                closing.ThrowIfCancellationRequested();
                var verdict = Verdict.Of(ending);
                if (verdict.Next is Next.Stop)
                {
                    return verdict.Error;
                }

                var delay = verdict.Next switch
                {
                    Next.NewToken => await RenewAsync(token, closing).ConfigureAwait(false),
                    Next.Soon => new Backoff(Short, Short).Next(),
                    _ => _backoff.Next(verdict.Error.RetryAfter),
                };

                // In this order: who is told of the wait may cut it short.
                var waiting = _parts.Retry.WaitAsync(delay, verdict.Error.Kind is ImErrorKind.RateLimited, closing);
                SetDisconnected(verdict.Error, delay);
                await waiting.ConfigureAwait(false);
                SetDisconnected(verdict.Error, null);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            return null;
        }
        catch (ImException e)
        {
            return e;
        }
    }

    private void Ready()
    {
        _wasReady = true;
        _tokenFailures = 0;
        _backoff.Reset();
        _parts.Observed.SetState(new ConversationState(ConversationStatus.Connected));
    }

    /// <summary>Gets a new token in place of a refused one; how long to wait then. Gives up where there is none to be had.</summary>
    private async Task<TimeSpan> RenewAsync(HeldToken refused, CancellationToken closing)
    {
        _tokenFailures++;
        try
        {
            await _calls.Tokens.RenewAsync(refused, closing).ConfigureAwait(false);
        }
        catch (ImException) when (_calls.Tokens.CanRenew && _tokenFailures < MaxTokenFailures)
        {
            return _backoff.Next();
        }

        return _tokenFailures < MaxTokenFailures ? TimeSpan.Zero : throw new ImException(ImErrorKind.Unauthenticated, "The server refuses every token; log in again.");
    }

    private void SetDisconnected(ImException error, TimeSpan? delay) => _parts.Observed.SetState(new ConversationState(
        _wasReady ? ConversationStatus.Reconnecting : ConversationStatus.Connecting, error, delay is { } time ? _clock.GetUtcNow() + time : null));
}
