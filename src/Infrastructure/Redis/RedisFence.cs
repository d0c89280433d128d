using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>
/// Runs the scripts of a connection: each begins with the fence (session id, user, epoch), and where the store turns out to
/// have gone back in time, the session is ended for both sides before anybody can build on it.
/// </summary>
internal sealed class RedisFence(RedisConnection connection)
{
    public Task<Result<RedisResult[]>> EvaluateAsync(
        Attachment attachment, RedisScript script, RedisKey[] keys, ReadOnlySpan<RedisValue> arguments, CancellationToken cancellationToken) =>
        EvaluateAsync(attachment, script, keys, arguments, connection.Deadline, cancellationToken);

    /// <summary>The reply's parts behind the fence, or the refusal.</summary>
    /// <param name="attachment">Whose call it is.</param>
    /// <param name="script">A script that has <c>connection.lua</c> in front.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="arguments">Its arguments behind the fence's three.</param>
    /// <param name="deadline">How long the call may take.</param>
    /// <param name="cancellationToken">Ends the wait for the answer, not the call.</param>
    public Task<Result<RedisResult[]>> EvaluateAsync(
        Attachment attachment, RedisScript script, RedisKey[] keys, ReadOnlySpan<RedisValue> arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var all = new RedisValue[3 + arguments.Length];
        (all[0], all[1], all[2]) = (attachment.Session.Id.Hex, attachment.User.Number, attachment.Epoch);
        arguments.CopyTo(all.AsSpan(3));
        var evaluated = connection.EvaluateAsync(script, keys, all, deadline, cancellationToken);
        return ReadAsync(attachment, evaluated, cancellationToken);
    }

    /// <summary>Wipes the session and the handshake that made it, and tells both sides; <paramref name="only"/> null: whatever there is.</summary>
    public async Task<Result<Done>> EndAsync(PairKey pair, SessionId? only, bool lost, CancellationToken cancellationToken)
    {
        var keys = RedisKeys.Of(pair);
        var read = RedisReply.Read(await connection.EvaluateAsync(
            RedisScript.End,
            [keys.Handshake, keys.Session, keys.Queue(pair.Lower), keys.Queue(pair.Higher)],
            [only?.Hex ?? "", lost ? "1" : "0", connection.PublishCommand, RedisKeys.Channel(pair, pair.Lower), RedisKeys.Channel(pair, pair.Higher)],
            cancellationToken));
        return read.IsOk ? default(Done) : read.Error;
    }

    private async Task<Result<RedisResult[]>> ReadAsync(Attachment attachment, Task<Result<RedisResult>> call, CancellationToken cancellationToken)
    {
        var evaluated = await call;
        if (RedisReply.WentBack(evaluated))
        {
            await EndAsync(attachment.Session.Pair, attachment.Session.Id, lost: true, cancellationToken);
        }

        return RedisReply.Read(evaluated);
    }
}
