using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Garnet;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>Handshakes by <c>exchange.lua</c>, <c>peek.lua</c> and <c>end.lua</c>.</summary>
internal sealed class RedisHandshakeRepository(
    RedisConnection connection, RedisChannels channels, RedisFence fence, GarnetRoom room, KeyExchangeOptions keyExchange, MessagingOptions messaging, TimeProvider clock)
    : IHandshakeRepository
{
    public async Task<Result<ExchangeOutcome>> ExchangeAsync(ExchangeCall call, CancellationToken cancellationToken)
    {
        var proposal = call.Proposal;
        var (pair, caller, peer) = (proposal.Pair, proposal.OpenedBy, proposal.Pair.PeerOf(proposal.OpenedBy));
        var keys = RedisKeys.Of(pair);
        var isFull = !room.TryTake(proposal.PublicKeyOf(caller)?.Text.Length ?? ImKey.MaxBytes);
        var evaluated = await connection.EvaluateAsync(
            RedisScript.Exchange,
            [keys.Handshake, keys.Session, keys.Queue(caller), keys.Queue(peer)],
            [
                caller.Number,
                peer.Number,
                proposal.Key is null ? "public" : "key",
                proposal.Session.Hex,
                proposal.Key is null ? proposal.PublicKeyOf(caller)!.Text : proposal.Key.Bytes.ToArray(),
                Milliseconds(keyExchange.HandshakeLifetime),
                Milliseconds(keyExchange.KeyRetention),
                Milliseconds(messaging.SessionLifetime),
                call.MayOpen && !isFull ? "1" : "0",
                connection.PublishCommand,
                RedisKeys.Channel(pair, caller),
                RedisKeys.Channel(pair, peer),
            ],
            cancellationToken);
        var read = RedisReply.Read(evaluated);
        return read.IsOk
            ? new ExchangeOutcome(ReadHandshake(pair, read.Value), Opened: (string?)read.Value[0] == "opened")
            : isFull && read.Error.Code is ErrorCode.RateLimited ? Errors.StoreUnavailable
            : read.Error;
    }

    public async Task<Result<StoredHandshake?>> WaitForCompletionAsync(
        Handshake handshake, UserId caller, TimeSpan time, CancellationToken stop, CancellationToken cancellationToken)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscribed = await channels.SubscribeAsync(
            RedisKeys.Channel(handshake.Pair, caller),
            publication =>
            {
                if (Publication.IsHandshakeChange(publication.Span))
                {
                    changed.TrySetResult();
                }
            },
            cancellationToken);
        if (!subscribed.IsOk)
        {
            return subscribed.Error;
        }

        await using var subscription = subscribed.Value;

        // The other side may have come between the call's start and the subscription.
        var present = await PeekAsync(handshake, cancellationToken);
        if (!present.IsOk || present.Value is null || present.Value.Handshake.IsCompleted)
        {
            return present;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop, cancellationToken);
        await Task.WhenAny(changed.Task, Task.Delay(time, clock, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return await PeekAsync(handshake, cancellationToken);
    }

    public Task<Result<Done>> EndAsync(PairKey pair, SessionId? only, CancellationToken cancellationToken) =>
        fence.EndAsync(pair, only, lost: false, cancellationToken);

    private async Task<Result<StoredHandshake?>> PeekAsync(Handshake handshake, CancellationToken cancellationToken)
    {
        var read = RedisReply.Read(await connection.EvaluateAsync(RedisScript.Peek, [RedisKeys.Of(handshake.Pair).Handshake], [], cancellationToken));
        if (!read.IsOk)
        {
            return read.Error.Code is ErrorCode.NoSession ? (StoredHandshake?)null : read.Error;
        }

        var stored = ReadHandshake(handshake.Pair, read.Value);
        return stored.Handshake.Session == handshake.Session ? stored : (StoredHandshake?)null;
    }

    /// <summary>Reads what <c>answer</c> in <c>handshake.lua</c> returns.</summary>
    private static StoredHandshake ReadHandshake(PairKey pair, RedisResult[] parts)
    {
        var handshake = Handshake.Restore(
            pair,
            UserId.Of((long)parts[4]).Value,
            SessionId.Parse((string)parts[3]!).Value,
            (string?)parts[1] == "key" ? ImKey.Of((byte[])parts[2]!).Value : null,
            ReadPublicKey(parts[7]),
            ReadPublicKey(parts[8]),
            isCompleted: (long)parts[5] == 1);
        return new StoredHandshake(handshake, TimeSpan.FromMilliseconds((long)parts[6]));
    }

    private static PublicKey? ReadPublicKey(RedisResult part) =>
        (string?)part is { Length: > 0 } text ? PublicKey.Parse(text).Value : null;

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
