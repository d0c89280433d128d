using System.Collections.Concurrent;
using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Garnet;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>Queues by <c>enqueue.lua</c>, <c>acknowledge.lua</c> and <c>read.lua</c>; sending is batched per connection, see <see cref="SendLane"/>.</summary>
internal sealed class RedisMessageQueue : IMessageQueue, IDisposable
{
    /// <summary>Messages of a page.</summary>
    private const int PageMessages = 64;

    /// <summary>Bytes of a page, but at least one message.</summary>
    private const int PageBytes = 256 * 1024;

    /// <summary>Pages read at once over one connection to the store: a thousand reconnects must not stand before everybody's messages.</summary>
    private readonly SemaphoreSlim _reads = new(16);

    private readonly ConcurrentDictionary<Attachment, SendLane> _lanes = new();
    private readonly Func<Attachment, SendLane> _newLane;
    private readonly RedisConnection _connection;
    private readonly RedisFence _fence;
    private readonly GarnetRoom _room;
    private readonly MessagingOptions _options;
    private readonly TimeProvider _clock;

    public RedisMessageQueue(RedisConnection connection, RedisFence fence, GarnetRoom room, MessagingOptions options, TimeProvider clock)
    {
        (_connection, _fence, _room, _options, _clock) = (connection, fence, room, options, clock);
        _newLane = NewLane; // Once, not with every message.
    }

    public Task<Result<Accepted>> EnqueueAsync(Attachment sender, OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (!_room.TryTake(message.Body.Length))
        {
            return Task.FromResult<Result<Accepted>>(Errors.StoreUnavailable);
        }

        var pending = new PendingMessage(message, _clock.GetTimestamp());
        while (true)
        {
            var lane = _lanes.GetOrAdd(sender, _newLane);
            switch (lane.Add(pending))
            {
                case SendLane.Added.ToRunning:
                    return pending.Task;
                case SendLane.Added.ToIdle:
                    _ = RunAsync(sender, lane);
                    return pending.Task;
                default:
                    _lanes.TryRemove(KeyValuePair.Create(sender, lane));
                    break;
            }
        }
    }

    public async Task<Result<QueuePage>> ReadAsync(Attachment recipient, long fromSeq, CancellationToken cancellationToken)
    {
        if (!await _reads.WaitAsync(_connection.Deadline, cancellationToken))
        {
            return Errors.StoreUnavailable;
        }

        try
        {
            var names = RedisKeys.Of(recipient.Session.Pair);
            var read = await _fence.EvaluateAsync(
                recipient,
                RedisScript.Read,
                [names.Session, names.Queue(recipient.User)],
                [fromSeq, PageMessages, PageBytes],
                cancellationToken);
            return read.IsOk
                ? new QueuePage((long)read.Value[1], [.. read.Value.Skip(3).Select(body => (ReadOnlyMemory<byte>)(byte[])body!)], (long)read.Value[2])
                : read.Error;
        }
        finally
        {
            _reads.Release();
        }
    }

    public async Task<Result<Done>> AcknowledgeAsync(Attachment recipient, long seq, CancellationToken cancellationToken)
    {
        var pair = recipient.Session.Pair;
        var names = RedisKeys.Of(pair);
        var read = await _fence.EvaluateAsync(
            recipient,
            RedisScript.Acknowledge,
            [names.Session, names.Queue(recipient.User)],
            [seq, _connection.PublishCommand, RedisKeys.Channel(pair, recipient.Peer)],
            cancellationToken);
        return read.IsOk ? default(Done) : read.Error;
    }

    public void Dispose() => _reads.Dispose();

    private async Task RunAsync(Attachment sender, SendLane lane)
    {
        await lane.RunAsync();
        _lanes.TryRemove(KeyValuePair.Create(sender, lane));
    }

    private SendLane NewLane(Attachment sender)
    {
        // Names once for all the calls of a lane.
        var pair = sender.Session.Pair;
        var names = RedisKeys.Of(pair);
        RedisKey[] keys = [names.Session, names.Queue(sender.Peer), names.Queue(sender.User)];
        RedisValue[] fixedArguments =
        [
            sender.Peer.Number, (long)_options.SessionLifetime.TotalMilliseconds, _options.MaxQueuedMessages, _options.MaxQueuedBytes,
            _connection.PublishCommand, RedisKeys.Channel(pair, sender.Peer),
        ];
        return new SendLane((batch, deadline) => SendAsync(sender, keys, fixedArguments, batch, deadline), _connection.Deadline, _clock);
    }

    private Task<Result<RedisResult[]>> SendAsync(
        Attachment sender, RedisKey[] keys, RedisValue[] fixedArguments, IReadOnlyList<PendingMessage> batch, TimeSpan deadline)
    {
        var arguments = new RedisValue[fixedArguments.Length + 1 + (2 * batch.Count)];
        fixedArguments.CopyTo(arguments, 0);
        arguments[fixedArguments.Length] = Lengths(batch);
        for (var i = 0; i < batch.Count; i++)
        {
            arguments[fixedArguments.Length + 1 + (2 * i)] = batch[i].Message.Id ?? 0;
            arguments[fixedArguments.Length + 2 + (2 * i)] = batch[i].Message.Body;
        }

        return _fence.EvaluateAsync(sender, RedisScript.Enqueue, keys, arguments, deadline, CancellationToken.None);
    }

    private static string Lengths(IReadOnlyList<PendingMessage> batch)
    {
        var lengths = new StringBuilder();
        foreach (var message in batch)
        {
            lengths.Append(lengths.Length > 0 ? "," : "").Append(message.Message.Body.Length);
        }

        return lengths.ToString();
    }
}
