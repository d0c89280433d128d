using System.Text;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Garnet;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Im.IntegrationTests.Store;

/// <summary>Two users talking to the store itself, through the ports of a node and past its sockets: for the sequences that only a late or lost call makes.</summary>
internal sealed class StoreConversation
{
    /// <summary>Long, so that no pause of a busy machine looks like its end.</summary>
    public static readonly TimeSpan KeyRetention = TimeSpan.FromSeconds(240);

    private readonly IServiceProvider _services;

    private StoreConversation(IServiceProvider services, MessagingOptions options)
    {
        _services = services;
        var (ann, bob) = Pairs.Fresh();
        Ann = UserId.Of(ann).Value;
        Bob = UserId.Of(bob).Value;
        Pair = PairKey.Of(Ann, Bob).Value;
        var connection = services.GetRequiredService<RedisConnection>();
        var fence = services.GetRequiredService<RedisFence>();
        Sessions = new RedisSessionRepository(connection, fence, options);
        var room = services.GetRequiredService<GarnetRoom>();
        Queue = new RedisMessageQueue(connection, fence, room, options, TimeProvider.System);
        Handshakes = new RedisHandshakeRepository(
            connection, services.GetRequiredService<RedisChannels>(), fence, room, new KeyExchangeOptions { KeyRetention = KeyRetention }, options, TimeProvider.System);
        Events = services.GetRequiredService<ISessionEvents>();
    }

    public UserId Ann { get; }

    public UserId Bob { get; }

    public PairKey Pair { get; }

    public ISessionRepository Sessions { get; }

    public IMessageQueue Queue { get; }

    public IHandshakeRepository Handshakes { get; }

    public ISessionEvents Events { get; }

    /// <summary>The store as any client of it sees it.</summary>
    public IDatabase Database => _services.GetRequiredService<RedisConnection>().Servers()[0].Multiplexer.GetDatabase();

    /// <summary>With the usual settings, or with others than a node would start with.</summary>
    public static StoreConversation On(TestNode node, MessagingOptions? options = null) => new(node.Services, options ?? new MessagingOptions());

    /// <summary>A call of the key exchange with a fresh key.</summary>
    public async Task<ExchangeOutcome> ExchangeAsync(UserId caller) =>
        (await Handshakes.ExchangeAsync(new ExchangeCall(Handshake.Open(Pair, caller, ImKey.Generate(32)), MayOpen: true), Cancelled)).Value;

    /// <summary>Both call: a new session.</summary>
    public async Task<Session> AgreeAsync()
    {
        await ExchangeAsync(Ann);
        return new Session(Pair, (await ExchangeAsync(Bob)).Stored.Handshake.Session);
    }

    public async Task<Result<Attached>> TryAttachAsync(UserId user, FoundSession? found = null, long seen = 0) =>
        await Sessions.AttachAsync(found ?? await FindAsync(user), user, seen, Cancelled);

    public async Task<Attachment> AttachAsync(UserId user) => (await TryAttachAsync(user)).Value.Attachment;

    public async Task<FoundSession> FindAsync(UserId user) => (await Sessions.FindAsync(Pair, user, Cancelled)).Value;

    public Task<Result<Accepted>> SendAsync(Attachment sender, string body, long? id = null) =>
        Queue.EnqueueAsync(sender, new OutgoingMessage(id, Encoding.UTF8.GetBytes(body)), Cancelled);

    public Task<Result<Done>> AcknowledgeAsync(Attachment recipient, long seq) => Queue.AcknowledgeAsync(recipient, seq, Cancelled);

    /// <summary>What waits, as text.</summary>
    public async Task<string[]> ReadAsync(Attachment recipient, long from = 1) =>
        [.. (await Queue.ReadAsync(recipient, from, Cancelled)).Value.Bodies.Select(body => Encoding.UTF8.GetString(body.Span))];

    public async Task<SessionProgress> TouchAsync(Attachment attachment) => (await Sessions.TouchAsync(attachment, Cancelled)).Value;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
