using FluentValidation;
using Im.Application.Contacts;
using Im.Application.Pipeline;
using Im.Domain;
using MediatR;

namespace Im.Application.KeyExchange;

/// <summary>A user asks for the key they share with another one; <c>POST /im/get_imKey</c>.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="ToUserId">With whom.</param>
/// <param name="WaitSeconds">How long the answer may be held back for the other side, 0 … 30 s; null is 0.</param>
/// <param name="PublicKey">The caller's public key, for the mode in which the server has no secret; null for a server key.</param>
public sealed record RequestKey(UserId Caller, long? ToUserId, long? WaitSeconds, string? PublicKey) : IRequest<Result<StoredHandshake>>, IRawInput
{
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>Prints nothing: a public key tells whose it is.</summary>
    public override string ToString() => nameof(RequestKey);
}

internal sealed class RequestKeyValidator : AbstractValidator<RequestKey>
{
    public RequestKeyValidator()
    {
        RuleFor(command => command.ToUserId).IsAPeerOf(command => command.Caller);
        RuleFor(command => command.WaitSeconds).InclusiveBetween(0, 30).WithMessage("The wait is 0 to 30 seconds.");
        RuleFor(command => command.PublicKey)
            .Must(text => text is null || PublicKey.Parse(text).IsOk).WithMessage(Errors.NotAPublicKey.Message);
    }
}

internal sealed class RequestKeyHandler(
    IHandshakeRepository handshakes, IContactPolicy contacts, IOpeningLimit openings, KeyWaits waits, KeyExchangeOptions options)
    : IRequestHandler<RequestKey, Result<StoredHandshake>>
{
    public async Task<Result<StoredHandshake>> Handle(RequestKey request, CancellationToken cancellationToken)
    {
        var caller = request.Caller;
        var pair = PairKey.Of(caller, UserId.Of(request.ToUserId!.Value).Value).Value;
        if (!await contacts.AllowsAsync(pair, cancellationToken))
        {
            return Errors.NotPermitted;
        }

        var proposal = request.PublicKey is null
            ? Handshake.Open(pair, caller, ImKey.Generate(options.KeyBytes))
            : Handshake.Open(pair, caller, PublicKey.Parse(request.PublicKey).Value);
        var exchanged = await ExchangeAsync(proposal, cancellationToken);
        return exchanged.IsOk ? await WaitAsync(exchanged.Value.Stored, request, cancellationToken) : exchanged.Error;
    }

    private async Task<Result<ExchangeOutcome>> ExchangeAsync(Handshake proposal, CancellationToken cancellationToken)
    {
        if (openings.IsLimited)
        {
            var found = await handshakes.ExchangeAsync(new ExchangeCall(proposal, MayOpen: false), cancellationToken);
            if (found.Error?.Code is not ErrorCode.RateLimited)
            {
                return found;
            }

            if (await openings.TakeAsync(proposal.OpenedBy, cancellationToken) is { } wait)
            {
                return Errors.RateLimited(wait);
            }
        }

        return await handshakes.ExchangeAsync(new ExchangeCall(proposal, MayOpen: true), cancellationToken);
    }

    private async Task<Result<StoredHandshake>> WaitAsync(StoredHandshake stored, RequestKey request, CancellationToken cancellationToken)
    {
        if (stored.Handshake.IsCompleted || request.WaitSeconds is null or 0 || !waits.TryEnter(request.Caller))
        {
            return stored;
        }

        try
        {
            var time = TimeSpan.FromSeconds(request.WaitSeconds.Value);
            var waited = await handshakes.WaitForCompletionAsync(stored.Handshake, request.Caller, time, waits.Draining, cancellationToken);

            // Ended meanwhile: the answer is that of the call's start, not the key of a handshake this call had no part in.
            return !waited.IsOk ? waited.Error : waited.Value ?? stored;
        }
        finally
        {
            waits.Leave(request.Caller);
        }
    }
}
