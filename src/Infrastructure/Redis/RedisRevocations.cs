using System.Globalization;
using System.Text;
using Im.Application.Accounts;
using Im.Domain;

namespace Im.Infrastructure.Redis;

/// <summary>Revocations by <c>revoke.lua</c>, <c>revoked.lua</c> and <c>last_revocation.lua</c>, told to all nodes on one channel.</summary>
internal sealed class RedisRevocations(RedisConnection connection, RedisChannels channels) : IRevocations
{
    public async Task<Result<Done>> RevokeAsync(Revocation revocation, TimeSpan life, CancellationToken cancellationToken)
    {
        var read = RedisReply.Read(await connection.EvaluateAsync(
            RedisScript.Revoke,
            [RedisKeys.Revocation(revocation.User), RedisKeys.LastRevocation],
            [revocation.User.Number, revocation.Until.ToUnixTimeMilliseconds(), (long)life.TotalMilliseconds, connection.PublishCommand, RedisKeys.RevocationChannel],
            cancellationToken));
        return read.IsOk ? default(Done) : read.Error;
    }

    public async Task<Result<IReadOnlyList<Revocation>>> FindAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken)
    {
        var evaluated = await connection.EvaluateAsync(RedisScript.Revoked, [.. users.Select(RedisKeys.Revocation)], [], cancellationToken);
        if (!evaluated.IsOk)
        {
            return evaluated.Error;
        }

        var found = (string?[])evaluated.Value!;
        return users.Zip(found).Where(pair => pair.Second is { Length: > 0 }).Select(pair => new Revocation(pair.First, Moment(pair.Second))).ToArray();
    }

    public async Task<Result<string>> LastAsync(CancellationToken cancellationToken)
    {
        var evaluated = await connection.EvaluateAsync(RedisScript.LastRevocation, [RedisKeys.LastRevocation], [], cancellationToken);
        return evaluated.IsOk ? (string)evaluated.Value! : evaluated.Error;
    }

    public Task<Result<IAsyncDisposable>> SubscribeAsync(Action<Revocation> listener, CancellationToken cancellationToken) =>
        channels.SubscribeAsync(
            RedisKeys.RevocationChannel,
            publication =>
            {
                if (Read(Encoding.ASCII.GetString(publication.Span)) is { } revocation)
                {
                    listener(revocation);
                }
            },
            cancellationToken);

    /// <summary>What <c>revoke.lua</c> publishes; null: not readable, and dropped.</summary>
    private static Revocation? Read(string publication) =>
        publication.Split(' ') is [var user, var until] && UserId.Parse(user) is { IsOk: true, Value: var id }
        && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var moment) && moment <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new Revocation(id, Moment(until))
            : null;

    private static DateTimeOffset Moment(string? text) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text!, NumberStyles.None, CultureInfo.InvariantCulture));
}
