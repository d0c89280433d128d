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

    /// <summary>Attempts in a row: with their delays some half an hour, when the session is long over at the server.</summary>
    private const int MaxAttempts = 240;

    /// <summary>How long a connection lives that shows that its token was good.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly Parts _parts;
    private readonly Calls _calls;
    private readonly Connection _connection;
    private readonly TimeProvider _clock;
    private readonly Backoff _backoff = Backoff.OfReconnecting();
    private bool _wasReady;
    private int _tokenFailures;
    private int _attempts;
    private long _readyAt;

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
                _attempts++;
                var token = await _calls.Tokens.GetAsync(closing).ConfigureAwait(false);
                var ending = await _connection.RunAsync(token, closing).ConfigureAwait(false);
                closing.ThrowIfCancellationRequested();
                var verdict = Verdict.Of(ending);
                if (verdict.Next is Next.Stop || _attempts >= MaxAttempts)
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
        _attempts = 0;
        _readyAt = _clock.GetTimestamp();
        _backoff.Reset();
        _parts.Observed.SetState(new ConversationState(ConversationStatus.Connected));
    }

    /// <summary>Gets a new token in place of a refused one; how long to wait then. Gives up where there is none to be had.</summary>
    private async Task<TimeSpan> RenewAsync(HeldToken refused, CancellationToken closing)
    {
        // Ready alone shows nothing: a server that then ends the connection for its token would be asked without a pause for ever.
        _tokenFailures = _attempts == 0 && _clock.GetElapsedTime(_readyAt) >= Steady ? 1 : _tokenFailures + 1;
        try
        {
            await _calls.Tokens.RenewAsync(refused, closing).ConfigureAwait(false);
        }
        catch (ImException e) when (e.Kind is ImErrorKind.ServerUnavailable or ImErrorKind.RateLimited)
        {
            // Nobody refused anything: what gives tokens is away.
            _tokenFailures--;
            return _backoff.Next(e.RetryAfter);
        }
        catch (ImException) when (_calls.Tokens.CanRenew && _tokenFailures < MaxTokenFailures)
        {
            return _backoff.Next();
        }

        if (_tokenFailures >= MaxTokenFailures)
        {
            throw new ImException(ImErrorKind.Unauthenticated, "The server refuses every token; log in again.");
        }

        // The first time a new token is all that it takes.
        return _tokenFailures == 1 ? TimeSpan.Zero : _backoff.Next();
    }

    private void SetDisconnected(ImException error, TimeSpan? delay) => _parts.Observed.SetState(new ConversationState(
        _wasReady ? ConversationStatus.Reconnecting : ConversationStatus.Connecting, error, delay is { } time ? _clock.GetUtcNow() + time : null));
}
