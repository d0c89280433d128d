using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Im.Domain;
using Im.Infrastructure.Redis.Transport;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>
/// The node's subscriptions. Several listeners may share a channel (a connection and the one that takes over from it), so
/// subscribing and unsubscribing of one channel come one after the other: the last listener's goodbye must not silence the
/// next one's welcome.
/// </summary>
internal sealed partial class RedisChannels
{
    private readonly RedisConnection _connection;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisChannels> _logger;
    private readonly ConcurrentDictionary<string, Channel> _channels = new();
    private readonly ConcurrentDictionary<string, Channel>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public RedisChannels(RedisConnection connection, TimeProvider clock, ILogger<RedisChannels> logger)
    {
        _connection = connection;
        _clock = clock;
        _logger = logger;
        _lookup = _channels.GetAlternateLookup<ReadOnlySpan<char>>();
        connection.Targets = Find;
    }

    /// <summary>Adds a listener; the store has confirmed the subscription when this returns.</summary>
    /// <param name="name">The channel, see <see cref="RedisKeys.Channel"/>.</param>
    /// <param name="listener">Called from any thread, also several at once and out of order.</param>
    /// <returns>Disposing removes this listener only. <see cref="ErrorCode.StoreUnavailable"/>.</returns>
    public async Task<Result<IAsyncDisposable>> SubscribeAsync(string name, Action<ReadOnlyMemory<byte>> listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var channel = _channels.GetOrAdd(name, static (_, logger) => new Channel(logger), _logger);
            if (!await channel.Gate.WaitAsync(_connection.Deadline, cancellationToken))
            {
                return Errors.StoreUnavailable;
            }

            try
            {
                if (channel.IsRetired)
                {
                    continue;
                }

                if (channel.Listeners.Length == 0)
                {
                    // At the master: behind a fail-over the old one would go on as a replica, which hears everything later.
                    // Not cancelled half-way: what the store has confirmed after nobody waits for it would stay for ever.
                    var subscribed = await TryAsync(_connection.Subscriber().SubscribeAsync(_connection.Channel(name), channel.Dispatch, CommandFlags.DemandMaster));
                    if (!subscribed || cancellationToken.IsCancellationRequested)
                    {
                        await RetireAsync(name, channel);
                        cancellationToken.ThrowIfCancellationRequested();
                        return Errors.StoreUnavailable;
                    }
                }

                channel.Listeners = [.. channel.Listeners, listener];
                return new Subscription(this, name, channel, listener);
            }
            finally
            {
                channel.Gate.Release();
            }
        }
    }

    private Channel? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[RedisKeys.MaxChannel];
        return name.Length <= text.Length && Ascii.ToUtf16(name, text, out var length) is OperationStatus.Done
            ? _lookup.TryGetValue(text[..length], out var channel) ? channel : null
            : null;
    }

    private async Task UnsubscribeAsync(string name, Channel channel, Action<ReadOnlyMemory<byte>> listener)
    {
        await channel.Gate.WaitAsync();
        try
        {
            channel.Listeners = [.. channel.Listeners.Where(other => other != listener)];
            if (channel.Listeners.Length == 0 && !channel.IsRetired)
            {
                await RetireAsync(name, channel);
            }
        }
        finally
        {
            channel.Gate.Release();
        }
    }

    /// <summary>The gate is held. The entry is left only after the store was told, so a new listener waits for that.</summary>
    private async Task RetireAsync(string name, Channel channel)
    {
        await TryAsync(_connection.Subscriber().UnsubscribeAsync(_connection.Channel(name), channel.Dispatch));
        channel.IsRetired = true;
        _channels.TryRemove(KeyValuePair.Create(name, channel));
    }

    private async Task<bool> TryAsync(Task call)
    {
        try
        {
            await call.WaitAsync(_connection.Deadline, _clock);
            return true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Channel(ILogger logger) : PublicationTarget
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>Replaced whole under the gate, read without it.</summary>
        public Action<ReadOnlyMemory<byte>>[] Listeners { get; set; } = [];

        public bool IsRetired { get; set; }

        /// <summary>Where the client library reads the publications itself.</summary>
        public void Dispatch(RedisChannel channel, RedisValue value) => Hear(value);

        public override void Hear(ReadOnlyMemory<byte> publication)
        {
            foreach (var listener in Listeners)
            {
                try
                {
                    listener(publication);
                }
                catch (Exception failure)
                {
                    // The thread that reads the store goes on for everybody else; the sweep repairs what this one missed.
                    Log.ListenerFailed(logger, failure.GetType().Name);
                }
            }
        }
    }

    private sealed class Subscription(RedisChannels owner, string name, Channel channel, Action<ReadOnlyMemory<byte>> listener) : IAsyncDisposable
    {
        private int _disposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                await owner.UnsubscribeAsync(name, channel, listener);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1006, LogLevel.Error, "Something that was published could not be taken: {Failure}.")]
        public static partial void ListenerFailed(ILogger logger, string failure);
    }
}
