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
            RedisScript.Find, [RedisKeys.Session(pair)], [user.Number], cancellationToken));
        return read.IsOk
            ? new FoundSession(
                new Session(pair, SessionId.Parse((string)read.Value[1]!).Value), (long)read.Value[2], TimeSpan.FromMilliseconds((long)read.Value[3]))
            : read.Error;
    }

    public async Task<Result<Attached>> AttachAsync(FoundSession found, UserId user, long seen, CancellationToken cancellationToken)
    {
        var pair = found.Session.Pair;
        var peer = pair.PeerOf(user);
        var evaluated = await connection.EvaluateAsync(
            RedisScript.Attach,
            Keys(pair, user, peer),
            [
                found.Session.Id.Hex, user.Number, found.Epoch, peer.Number, seen, Life, Presence,
                connection.PublishCommand, RedisKeys.Channel(pair, user), RedisKeys.Channel(pair, peer),
            ],
            RedisConnection.Deadline,
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
        var read = await fence.EvaluateAsync(
            attachment,
            RedisScript.Detach,
            [RedisKeys.Session(pair), RedisKeys.Queue(pair, attachment.User), RedisKeys.Queue(pair, attachment.Peer)],
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
        var keys = new List<RedisKey>(4 * attachments.Count);
        var arguments = new List<RedisValue>(2 + (4 * attachments.Count)) { Life, Presence };
        foreach (var attachment in attachments)
        {
            keys.AddRange(Keys(attachment.Session.Pair, attachment.User, attachment.Peer));
            arguments.AddRange([attachment.Session.Id.Hex, attachment.User.Number, attachment.Epoch, attachment.Peer.Number]);
        }

        var evaluated = await connection.EvaluateAsync(RedisScript.Touch, [.. keys], [.. arguments], cancellationToken);
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

    private static RedisKey[] Keys(PairKey pair, UserId user, UserId peer) =>
        [RedisKeys.Session(pair), RedisKeys.Queue(pair, user), RedisKeys.Queue(pair, peer), RedisKeys.Handshake(pair)];
}
