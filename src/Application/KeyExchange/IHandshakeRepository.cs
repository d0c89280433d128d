using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>A handshake as the store has it, and how long it will still have it.</summary>
public sealed record StoredHandshake(Handshake Handshake, TimeSpan Remaining);

/// <summary>What a caller brings to the exchange.</summary>
/// <param name="Proposal">The handshake to open if none is there: fresh key and session, or the caller's public key.</param>
/// <param name="MayOpen">False: a call that would open a handshake is refused with <see cref="ErrorCode.RateLimited"/>.</param>
public sealed record ExchangeCall(Handshake Proposal, bool MayOpen);

/// <summary>What became of the call.</summary>
/// <param name="Stored">The handshake after it.</param>
/// <param name="Opened">This very call opened it.</param>
public sealed record ExchangeOutcome(StoredHandshake Stored, bool Opened);

/// <summary>Handshakes in the store, which makes each step of <see cref="Handshake.CalledBy"/> atomically.</summary>
public interface IHandshakeRepository
{
    /// <summary>Opens the pair's handshake, completes the one the peer opened, or repeats what is there; one atomic step.</summary>
    /// <returns><see cref="ErrorCode.KeyModeMismatch"/>, <see cref="ErrorCode.RateLimited"/>, <see cref="ErrorCode.StoreUnavailable"/>.</returns>
    Task<Result<ExchangeOutcome>> ExchangeAsync(ExchangeCall call, CancellationToken cancellationToken);

    /// <summary>Waits, without asking the store again and again, until the handshake is completed or ended, or the time is up.</summary>
    /// <returns>
    /// The same handshake as the store has it then, or null if it is gone; never another one, and nothing is opened.
    /// <see cref="ErrorCode.StoreUnavailable"/>.
    /// </returns>
    /// <param name="handshake">The open handshake to wait for.</param>
    /// <param name="caller">Who waits.</param>
    /// <param name="time">How long at most.</param>
    /// <param name="stop">Ends the wait early with an answer, as if the time were up.</param>
    /// <param name="cancellationToken">Ends the wait without an answer: the caller is gone.</param>
    Task<Result<StoredHandshake?>> WaitForCompletionAsync(Handshake handshake, UserId caller, TimeSpan time, CancellationToken stop, CancellationToken cancellationToken);

    /// <summary>Ends the pair's session and handshake: keys, queues and session are wiped, sockets of both sides are told. Idempotent.</summary>
    /// <param name="only">Only this session and the handshake that made it; null for whatever there is.</param>
    Task<Result<Done>> EndAsync(PairKey pair, SessionId? only, CancellationToken cancellationToken);
}
