using System.Globalization;
using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Store;

/// <summary>
/// The real store beside the model: what it holds of a pair in the same words, what it published, and the harm that the
/// steps of the model test do to it.
/// </summary>
internal sealed class DeliveryStore : IAsyncDisposable
{
    /// <summary>By how much every key is aged after a step, so that the next one shows whom it renewed.</summary>
    private const double Aged = 0.5, Fresh = 0.75;

    private static readonly TimeSpan OpenLife = TimeSpan.FromMinutes(5), DoneLife = StoreConversation.KeyRetention;

    private readonly StoreConversation _talk;
    private readonly MessagingOptions _options;
    private readonly Dictionary<UserId, ChannelMessageQueue> _heard = [];

    private DeliveryStore(StoreConversation talk, MessagingOptions options) => (_talk, _options) = (talk, options);

    private ISubscriber Subscriber => _talk.Database.Multiplexer.GetSubscriber();

    public static async Task<DeliveryStore> OfAsync(StoreConversation talk, MessagingOptions options)
    {
        var store = new DeliveryStore(talk, options);
        foreach (var user in new[] { talk.Ann, talk.Bob })
        {
            store._heard[user] = await store.Subscriber.SubscribeAsync(RedisChannel.Literal(store.Name($"to:{user}")));
        }

        return store;
    }

    /// <summary>What the model says the store holds.</summary>
    public string Expected(DeliveryModel model)
    {
        var text = new StringBuilder();
        var (session, handshake) = model.State;
        text.AppendLine(CultureInfo.InvariantCulture, $"session {session?.Id.Hex} {(session is null ? "none" : model.SessionRenewed ? "fresh" : "aged")}");
        foreach (var user in new[] { _talk.Ann, _talk.Bob })
        {
            var own = session?.Users[user] ?? new ModelUser([]);
            var queue = own.Queue.IsEmpty ? "none" : model.SessionRenewed ? "fresh" : "aged";
            text.AppendLine(CultureInfo.InvariantCulture, $"{user}: seq {own.Seq} ack {own.Acknowledged} id {own.LastId} bytes {own.Bytes} epoch {own.Epoch} online {own.Online} ever {own.Epoch > 0}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{user}: queue [{string.Join('|', own.Queue)}] {queue}");
        }

        return text.Append(CultureInfo.InvariantCulture, $"handshake {handshake?.Session.Hex} first {handshake?.OpenedBy} done {handshake?.IsCompleted ?? false} {(handshake is null ? "none" : model.HandshakeRenewed ? "fresh" : "aged")}").ToString();
    }

    /// <summary>What the store holds. Every key is aged behind the look.</summary>
    public async Task<string> ActualAsync()
    {
        var database = _talk.Database;
        var life = _options.SessionLifetime;
        string[] keys = ["session", $"queue:{_talk.Ann}", $"queue:{_talk.Bob}", "handshake"];

        // One after the other over one connection, without waiting in between.
        var lives = keys.Select(key => database.KeyTimeToLiveAsync(Name(key))).ToArray();
        var exists = keys.Select(key => database.KeyExistsAsync(Name(key))).ToArray();
        var (session, handshake) = (database.HashGetAllAsync(Name("session")), database.HashGetAllAsync(Name("handshake")));
        var queues = new[] { _talk.Ann, _talk.Bob }.Select(user => database.ListRangeAsync(Name($"queue:{user}"))).ToArray();
        var aged = keys[..3].Select(key => database.KeyExpireAsync(Name(key), life * Aged)).ToArray();

        var hash = (await session).ToDictionary(field => (string)field.Name!, field => (string)field.Value!);
        var open = (await handshake).ToDictionary(field => (string)field.Name!, field => (string)field.Value!);
        var isDone = open.GetValueOrDefault("done") == "1";
        await database.KeyExpireAsync(Name("handshake"), (isDone ? DoneLife : OpenLife) * Aged);
        await Task.WhenAll(aged);

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"session {hash.GetValueOrDefault("id")} {await AgeAsync(0, life)}");
        for (var i = 0; i < 2; i++)
        {
            var user = i == 0 ? _talk.Ann : _talk.Bob;
            string Field(string name) => hash.GetValueOrDefault($"{name}:{user}", "0");
            var online = IsPresent(Field("until"), DateTimeOffset.UtcNow);
            if (online)
            {
                await BePresentAsync(user);
            }

            text.AppendLine(CultureInfo.InvariantCulture, $"{user}: seq {Field("seq")} ack {Field("ack")} id {Field("id")} bytes {Field("bytes")} epoch {Field("epoch")} online {online} ever {Field("ever") == "1"}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{user}: queue [{string.Join('|', await queues[i])}] {await AgeAsync(i + 1, life)}");
        }

        return text.Append(CultureInfo.InvariantCulture, $"handshake {open.GetValueOrDefault("session")} first {open.GetValueOrDefault("first")} done {isDone} {await AgeAsync(3, isDone ? DoneLife : OpenLife)}").ToString();

        async Task<string> AgeAsync(int key, TimeSpan whole) => !await exists[key] ? "none"
            : await lives[key] is not { } left ? "lives for ever"
            : left > whole ? "lives too long"
            : left > whole * Fresh ? "fresh"
            : "aged";
    }

    /// <summary>What was published for a user since the last look: a line per message or notice.</summary>
    public async Task<string[]> HeardAsync(UserId user)
    {
        await Subscriber.PublishAsync(RedisChannel.Literal(Name($"to:{user}")), "mark");
        var heard = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Deadline);
        while ((string?)(await _heard[user].ReadAsync(limit.Token)).Message is var text && text != "mark")
        {
            heard.AddRange(Lines(text!));
        }

        return [.. heard];
    }

    /// <summary>The keys, as they are, so that they can be put back.</summary>
    public async Task<Func<Task>> RememberAsync()
    {
        var database = _talk.Database;
        var now = DateTimeOffset.UtcNow;
        var hashes = new Dictionary<string, HashEntry[]>();
        var lists = new Dictionary<string, RedisValue[]>();
        foreach (var key in new[] { "session", "handshake" })
        {
            hashes[key] = await database.HashGetAllAsync(Name(key));
        }

        foreach (var key in new[] { $"queue:{_talk.Ann}", $"queue:{_talk.Bob}" })
        {
            lists[key] = await database.ListRangeAsync(Name(key));
        }

        return async () =>
        {
            await ForgetAsync([.. hashes.Keys, .. lists.Keys]);
            foreach (var (key, fields) in hashes.Where(hash => hash.Value.Length > 0))
            {
                await database.HashSetAsync(Name(key), fields);
                foreach (var user in new[] { _talk.Ann, _talk.Bob }.Where(user => fields.Any(field => field.Name == $"until:{user}" && IsPresent(field.Value, now))))
                {
                    await BePresentAsync(user);
                }

                var isDone = fields.Any(field => field.Name == "done");
                await database.KeyExpireAsync(Name(key), (key == "session" ? _options.SessionLifetime : isDone ? DoneLife : OpenLife) * Aged);
            }

            foreach (var (key, bodies) in lists.Where(list => list.Value.Length > 0))
            {
                await database.ListRightPushAsync(Name(key), bodies);
                await database.KeyExpireAsync(Name(key), _options.SessionLifetime * Aged);
            }
        };
    }

    /// <summary>Whoever is connected stays it for the model, and for the store 25 s: on a slow machine a run may take longer.</summary>
    private async Task BePresentAsync(UserId user) =>
        await _talk.Database.HashSetAsync(Name("session"), $"until:{user}", DateTimeOffset.UtcNow.AddSeconds(25).ToUnixTimeMilliseconds());

    private static bool IsPresent(RedisValue until, DateTimeOffset at) => (long)until > at.ToUnixTimeMilliseconds();

    public Task ForgetAsync(params string[] keys) =>
        Task.WhenAll(keys.Select(key => _talk.Database.KeyDeleteAsync(Name(key))));

    public Task LoseAsync(UserId user, bool newest) =>
        newest ? _talk.Database.ListRightPopAsync(Name($"queue:{user}")) : _talk.Database.ListLeftPopAsync(Name($"queue:{user}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _heard.Values)
        {
            await queue.UnsubscribeAsync();
        }

        await ForgetAsync("session", "handshake", $"queue:{_talk.Ann}", $"queue:{_talk.Bob}");
    }

    /// <summary>Messages published together, as many together as the moment had it, each by itself; a signal's body behind its header.</summary>
    private static IEnumerable<string> Lines(string publication)
    {
        var end = publication.IndexOf('\n', StringComparison.Ordinal);
        var (header, body) = (publication[..end], publication[(end + 1)..]);
        if (header[0] is not 'm')
        {
            yield return body.Length > 0 ? $"{header} {body}" : header;
            yield break;
        }

        var words = header.Split(' ');
        var seq = long.Parse(words[2], CultureInfo.InvariantCulture);
        foreach (var length in words[3].Split(',').Select(int.Parse))
        {
            yield return $"m {words[1]} {seq++} {body[..length]}";
            body = body[length..];
        }
    }

    private string Name(string key) => $"im:{{{_talk.Ann}_{_talk.Bob}}}:{key}";
}
