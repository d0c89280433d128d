using Im.Application.Messaging;
using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>Sessions by <c>find.lua</c>, <c>attach.lua</c>, <c>touch.lua</c>, <c>detach.lua</c> and <c>end.lua</c>.</summary>
internal sealed class RedisSessionRepository(RedisConnection connection, RedisFence fence, MessagingOptions options) : ISessionRepository
{
    /// <summary>How long a connection counts as present past its last touch: two missed ones and some more.</summary>
    private static readonly RedisValue Presence = (long)TimeSpan.FromSeconds(25).TotalMilliseconds;

    /// <summary>On a cluster the keys of two pairs lie in different slots, and no script may have both.</summary>
    private bool IsSharded => connection.PublishCommand == "SPUBLISH";

    private RedisValue Life => (long)options.SessionLifetime.TotalMilliseconds;

    public async Task<Result<FoundSession>> FindAsync(PairKey pair, UserId user, CancellationToken cancellationToken)
    {
        var read = RedisReply.Read(await connection.EvaluateAsync(
            RedisScript.Find, [RedisKeys.Of(pair).Session], [user.Number], cancellationToken));
        return read.IsOk
            ? new FoundSession(
                new Session(pair, SessionId.Parse((string)read.Value[1]!).Value), (long)read.Value[2], TimeSpan.FromMilliseconds((long)read.Value[3]))
            : read.Error;
    }

    public async Task<Result<Attached>> AttachAsync(FoundSession found, UserId user, long seen, CancellationToken cancellationToken)
    {
        var pair = found.Session.Pair;
        var peer = pair.PeerOf(user);
        var keys = RedisKeys.Of(pair);
        var evaluated = await connection.EvaluateAsync(
            RedisScript.Attach,
            [keys.Session, keys.Queue(user), keys.Queue(peer), keys.Handshake],
            [
                found.Session.Id.Hex, user.Number, found.Epoch, peer.Number, seen, Life, Presence,
                connection.PublishCommand, RedisKeys.Channel(pair, user), RedisKeys.Channel(pair, peer),
            ],
            connection.Deadline,
            cancellationToken,
            late => DetachLateAsync(found.Session, user, late));
        if (RedisReply.WentBack(evaluated))
        {
            await AbandonAsync(found.Session, cancellationToken);
            return Errors.NoSession;
        }

        var read = RedisReply.Read(evaluated);
        return read.IsOk
            ? new Attached(Attachment.Of(found.Session, user, (long)read.Value[1]), RedisReply.ReadProgress((string)read.Value[2]!))
            : read.Error;
    }

    public async Task<Result<SessionProgress>> TouchAsync(Attachment attachment, CancellationToken cancellationToken) =>
        (await TouchInOneAsync([attachment], cancellationToken))[0];

    public async Task<IReadOnlyList<Result<SessionProgress>>> TouchAsync(IReadOnlyList<Attachment> attachments, CancellationToken cancellationToken) =>
        IsSharded
            ? await Task.WhenAll(attachments.Select(attachment => TouchAsync(attachment, cancellationToken)))
            : await TouchInOneAsync(attachments, cancellationToken);

    public async Task<Result<Done>> DetachAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        var pair = attachment.Session.Pair;
        var keys = RedisKeys.Of(pair);
        var read = await fence.EvaluateAsync(
            attachment,
            RedisScript.Detach,
            [keys.Session, keys.Queue(attachment.User), keys.Queue(attachment.Peer)],
            [Life, connection.PublishCommand, RedisKeys.Channel(pair, attachment.Peer)],
            cancellationToken);
        return read.IsOk ? default(Done) : read.Error;
    }

    public Task<Result<Done>> AbandonAsync(Session session, CancellationToken cancellationToken) =>
        fence.EndAsync(session.Pair, session.Id, lost: true, cancellationToken);

    /// <summary>The epoch was claimed after all, for a connection that nobody has any more.</summary>
    private async Task DetachLateAsync(Session session, UserId user, RedisResult reply)
    {
        if (RedisReply.Read(reply) is { IsOk: true, Value: var parts })
        {
            await DetachAsync(Attachment.Of(session, user, (long)parts[1]), CancellationToken.None);
        }
    }

    private async Task<Result<SessionProgress>[]> TouchInOneAsync(IReadOnlyList<Attachment> attachments, CancellationToken cancellationToken)
    {
        var keys = new RedisKey[4 * attachments.Count];
        var arguments = new RedisValue[2 + (4 * attachments.Count)];
        (arguments[0], arguments[1]) = (Life, Presence);
        for (var i = 0; i < attachments.Count; i++)
        {
            var attachment = attachments[i];
            var names = RedisKeys.Of(attachment.Session.Pair);
            ReadOnlySpan<RedisKey> itsKeys = [names.Session, names.Queue(attachment.User), names.Queue(attachment.Peer), names.Handshake];
            ReadOnlySpan<RedisValue> itsArguments = [attachment.Session.Id.Hex, attachment.User.Number, attachment.Epoch, attachment.Peer.Number];
            itsKeys.CopyTo(keys.AsSpan(4 * i));
            itsArguments.CopyTo(arguments.AsSpan(2 + (4 * i)));
        }

        var evaluated = await connection.EvaluateAsync(RedisScript.Touch, keys, arguments, cancellationToken);
        var touched = new Result<SessionProgress>[attachments.Count];
        for (var i = 0; i < touched.Length; i++)
        {
            touched[i] = evaluated.IsOk ? await ReadTouchedAsync(attachments[i], (string)evaluated.Value[i]!, cancellationToken) : evaluated.Error;
        }

        return touched;
    }

    private async ValueTask<Result<SessionProgress>> ReadTouchedAsync(Attachment attachment, string reply, CancellationToken cancellationToken)
    {
        if (RedisReply.Refusal(reply) is not { } refusal)
        {
            return RedisReply.ReadProgress(reply);
        }

        if (reply == RedisReply.WentBackReply)
        {
            await AbandonAsync(attachment.Session, cancellationToken);
        }

        return refusal;
    }
}
