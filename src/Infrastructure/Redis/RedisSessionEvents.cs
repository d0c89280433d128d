using Im.Application.Messaging;
using Im.Domain;

namespace Im.Infrastructure.Redis;

/// <summary>Events by publication; see <see cref="Publication"/>.</summary>
internal sealed class RedisSessionEvents(RedisConnection connection, RedisFence fence, RedisChannels channels) : ISessionEvents
{
    public event Action? Restored
    {
        add => connection.Restored += value;
        remove => connection.Restored -= value;
    }

    public Task<Result<IAsyncDisposable>> SubscribeAsync(
        Session session, UserId user, ISessionListener listener, CancellationToken cancellationToken) =>
        channels.SubscribeAsync(
            RedisKeys.Channel(session.Pair, user),
            publication =>
            {
                if (Publication.Read(publication, session.Id) is { } sessionEvent)
                {
                    listener.OnEvent(sessionEvent);
                }
            },
            cancellationToken);

    public async Task<Result<Done>> SignalAsync(Attachment sender, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var pair = sender.Session.Pair;
        var read = await fence.EvaluateAsync(
            sender,
            RedisScript.Signal,
            [RedisKeys.Of(pair).Session],
            [sender.Peer.Number, connection.PublishCommand, RedisKeys.Channel(pair, sender.Peer), body],
            cancellationToken);
        return read.IsOk ? default(Done) : read.Error;
    }
}
