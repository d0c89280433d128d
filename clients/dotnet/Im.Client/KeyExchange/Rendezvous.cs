using Im.Client.Errors;
using Im.Client.Wire;

namespace Im.Client.KeyExchange;

/// <summary>One rendezvous: asks again and again until both sides have asked (protocol, section 3).</summary>
internal sealed class Rendezvous(Calls calls, long self, long peer, RendezvousOptions options, TimeProvider clock)
{
    /// <summary>The longest that the server holds an answer back.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Backoff _backoff = Backoff.OfReconnecting();
    private RendezvousStep? _reported;
    private bool _metAnotherClient;

    public async Task<Agreement> RunAsync(CancellationToken cancellationToken)
    {
        using var keys = new HandshakeKeys(options.KeyMode, clock);
        var until = options.Patience == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock.GetUtcNow() + options.Patience;
        var wait = TimeSpan.Zero;
        var isHeldBack = false;
        Report(RendezvousStep.Asking);
        while (true)
        {
            keys.Prepare();
            var began = clock.GetTimestamp();
            TimeSpan pause;
            try
            {
                var answer = await calls.AskForKeyAsync(peer, wait, keys.Pair?.Public.Text, cancellationToken).ConfigureAwait(false);
                if (isHeldBack && clock.GetElapsedTime(began) >= Second)
                {
                    // Only such an answer shows that those get through: the delays do not begin anew before.
                    _backoff.Reset();
                }

                if (await TakeAsync(answer, keys, cancellationToken).ConfigureAwait(false) is { } agreement)
                {
                    Report(RendezvousStep.Completed);
                    return agreement;
                }

                // Answers that are not held back, because the server shuts down or holds too many, or because little time is
                // left, do not make this ask all the time.
                pause = isHeldBack && clock.GetElapsedTime(began) < Second ? _backoff.Next(Second / 4) : TimeSpan.Zero;
                isHeldBack = true;
            }
            catch (ImException e) when (e.Kind is ImErrorKind.ServerUnavailable or ImErrorKind.RateLimited)
            {
                pause = _backoff.Next(e.RetryAfter);
                isHeldBack = false;
                if (until - clock.GetUtcNow() <= pause)
                {
                    throw;
                }

                Report(RendezvousStep.Retrying, e, pause);
            }

            if (until - clock.GetUtcNow() <= pause)
            {
                throw new ImException(ImErrorKind.PeerAbsent, "The peer did not come in time; try again when they are there.");
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);

            // The first call is not held back, nor is the one after a fault: the caller is to know at once whether it waits.
            wait = isHeldBack ? await WaitAsync(until, keys, cancellationToken).ConfigureAwait(false) : TimeSpan.Zero;
        }
    }

    private async Task<Agreement?> TakeAsync(KeyAnswer answer, HandshakeKeys keys, CancellationToken cancellationToken)
    {
        KeyAnswers.Check(answer, self, peer);
        var isCompleted = answer.IsRead == 1;
        var givenUp = isCompleted ? keys.GivenUp(answer.ImSession!, answer.PublicKey) : null;
        var pair = givenUp ?? keys.Pair;
        if (givenUp is null && !keys.Fits(answer.ImSession!, answer.ExpiresIn, isCompleted))
        {
            // Another handshake was completed with the pair of one that is over. Such a pair derives nothing: begin again.
            if (isCompleted)
            {
                await calls.EndAsync(peer, answer.ImSession, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }

        if (!isCompleted)
        {
            Report(RendezvousStep.WaitingForPeer);
            return null;
        }

        if (pair is not null && !_metAnotherClient && KeyAnswers.IsOfAnotherClient(answer, pair))
        {
            // Whoever left a moment ago, or has a second client open, meets the key of that. It cannot be told from a server that
            // swaps keys, so it is not used either; but only whoever meets it again has a reason to be alarmed.
            await calls.EndAsync(peer, answer.ImSession, cancellationToken).ConfigureAwait(false);
            _metAnotherClient = true;
            keys.Renew();
            return null;
        }

        try
        {
            return pair is null ? KeyAnswers.OfServerKey(answer, self, peer) : KeyAnswers.OfPublicKeys(answer, pair, self, peer);
        }
        catch (ImException)
        {
            await TryEndAsync(answer.ImSession!, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>How long the next answer may be held back: never past the handshake, which the next call would replace by one with the same key.</summary>
    private async Task<TimeSpan> WaitAsync(DateTimeOffset until, HandshakeKeys keys, CancellationToken cancellationToken)
    {
        var life = keys.Life;
        if (life > TimeSpan.Zero && life < Second)
        {
            await Task.Delay(life, clock, cancellationToken).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        var left = until - clock.GetUtcNow();
        var wait = new[] { LongestWait, left, life }.Min();
        return wait < Second ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Floor(wait.TotalSeconds));
    }

    /// <summary>What was agreed must not be used by the peer either. Where the server does not do it, the key is not used all the same.</summary>
    private async Task TryEndAsync(string session, CancellationToken cancellationToken)
    {
        try
        {
            await calls.EndAsync(peer, session, cancellationToken).ConfigureAwait(false);
        }
        catch (ImException)
        {
            // The reason that is thrown says more than this.
        }
    }

    private void Report(RendezvousStep step, ImException? error = null, TimeSpan? retryIn = null)
    {
        if (step is RendezvousStep.Retrying || _reported != step)
        {
            _reported = step;
            options.Progress?.Report(new RendezvousProgress(step, error, retryIn));
        }
    }
}
