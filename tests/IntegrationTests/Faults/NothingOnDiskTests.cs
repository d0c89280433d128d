using System.Text;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 9, nothing at rest, of a real process: what was said is in no file, and of an ended session nothing is in the store.</summary>
[Collection(nameof(FaultSuite))]
public sealed class NothingOnDiskTests : IDisposable
{
    private const string Password = "password-that-nobody-writes";
    private const string Taken = "payload-that-was-delivered";
    private const string Waiting = "payload-that-still-waits";
    private const string Name = "name-that-is-written";

    private readonly string _folder = Directory.CreateTempSubdirectory("im-disk-").FullName;

    private string Accounts => Path.Combine(_folder, "im", "accounts.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_whole_conversation_on_a_redis_server_leaves_nothing_in_any_file_and_an_ended_one_nothing_in_the_store()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await NodeProcess.StartInAsync(_folder, redis.ConnectionString, $"--Accounts:Database={Accounts}");
        await using var connection = await redis.ConnectAsync();

        await ConverseAsync(node, connection, _folder, redis.Folder);
    }

    [Fact]
    public async Task A_whole_conversation_on_the_embedded_store_leaves_nothing_in_any_file_and_an_ended_one_nothing_in_the_store()
    {
        await using var node = await NodeProcess.StartInAsync(_folder, redis: "");
        var socket = Directory.GetDirectories(_folder, "im-store-*").Select(store => Path.Combine(store, "store.sock")).Single();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { new System.Net.Sockets.UnixDomainSocketEndPoint(socket) },
            AllowAdmin = true,
        });

        await ConverseAsync(node, connection, _folder);
    }

    private static async Task ConverseAsync(NodeProcess node, ConnectionMultiplexer store, params string[] folders)
    {
        await node.Rest.RegisterAsync(Name, "ann@example.org", Password);
        var login = await node.Rest.LogInAsync(Name, null, Password);
        var (ann, token) = (login.Number("id"), login.Text("token"));
        var (bob, cleo) = Pairs.Fresh();
        var ended = await TalkAsync(node, store, ann, bob, token);
        var alive = await TalkAsync(node, store, ann, cleo, token);
        var unused = await node.Rest.AgreeAsync(bob, cleo);
        await Eventually.HoldsAsync("the store answers in time", async () =>
            (await node.Rest.EndAsync(bob, ann, ended.Session)).Code == 0 && (await node.Rest.EndAsync(bob, cleo, unused.Session)).Code == 0);

        var kept = await KeptAsync(store);
        Assert.All([alive.Session, Waiting], secret => Assert.True(Holds(kept, secret), $"The search does not find {secret}."));
        string[] gone = [ended.Session, unused.Session, Taken, token, Password, $"{Math.Min(ann, bob)}_{Math.Max(ann, bob)}", $"{bob}_{cleo}"];
        Assert.All(gone, secret => Assert.False(Holds(kept, secret), secret));

        // Not even the key of the session that is alive: it goes as soon as both have connected.
        string[] keys = [ended.Key, unused.Key, alive.Key];
        Assert.All(keys, key => Assert.False(HoldsKey(kept, key), "A key is in the store."));

        string[] secrets = [ended.Session, unused.Session, alive.Session, token, token.Split('.')[2], Taken, Waiting, Password];
        await InNoFileAsync(folders, secrets, keys);
        Assert.Equal(0, (await node.TerminateAsync()).Status);
        await InNoFileAsync(folders, secrets, keys);
    }

    /// <summary>A session with messages both ways, a take-over, and one message that nobody has taken.</summary>
    private static async Task<Agreement> TalkAsync(NodeProcess node, ConnectionMultiplexer store, long ann, long other, string token)
    {
        Answer completed = null!;
        await Eventually.HoldsAsync("the store answers in time", async () =>
            (await node.Rest.SendAsync(With(token, other))).Code == 0 && (completed = await node.Rest.ExchangeAsync(other, ann)).Code == 0);
        var agreed = new Agreement(completed.Text("im_key"), completed.Text("im_session"));
        Assert.True(HoldsKey(await KeptAsync(store), agreed.Key), "The search does not find the key.");
        var upgrade = new Upgrade { Token = token, TokenIn = TokenPlace.Query, Session = agreed.Session };

        await using var replaced = await SocketClient.ConnectReadyAsync(node.BaseAddress, ann, other, upgrade);
        await using var one = await SocketClient.ConnectReadyAsync(node.BaseAddress, ann, other, upgrade);
        Assert.Equal(4409, await replaced.ClosedAsync());
        await using (var peer = await SocketClient.ConnectReadyAsync(node.BaseAddress, other, ann))
        {
            await one.SendUntilStoredAsync(Taken, id: 1);
            await peer.NextAsync("msg");
            await peer.AckAsync(1);
            await peer.SendUntilStoredAsync(Taken, id: 1);
            await one.NextAsync("msg");
            await one.AckAsync(1);
            await Eventually.HoldsAsync("both are told of the delivery", () => one.LastDelivered == 1 && peer.LastDelivered == 1);
            await peer.CloseAsync();
        }

        await one.SendUntilStoredAsync(Waiting, id: 2);
        return agreed;
    }

    private static HttpRequestMessage With(string token, long to) => new(HttpMethod.Post, "/im/get_imKey")
    {
        Headers = { { "Authorization", $"Bearer {token}" } },
        Content = System.Net.Http.Json.JsonContent.Create(new { to_user_id = to }),
    };

    /// <summary>The whole keyspace, names and values, as bytes.</summary>
    private static async Task<byte[]> KeptAsync(ConnectionMultiplexer connection)
    {
        var all = new MemoryStream();
        var database = connection.GetDatabase();
        await foreach (var key in connection.GetServers().Single().KeysAsync())
        {
            all.Write(Encoding.UTF8.GetBytes(key.ToString()));
            RedisValue[] values = await database.KeyTypeAsync(key) switch
            {
                RedisType.Hash => [.. (await database.HashGetAllAsync(key)).SelectMany(field => new[] { field.Name, field.Value })],
                RedisType.List => await database.ListRangeAsync(key),
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.None => [], // Its time to live was over by then.
                var other => throw new InvalidOperationException($"{key} is a {other}, which this test cannot read."),
            };
            foreach (var value in values)
            {
                all.WriteByte(0);
                all.Write((byte[]?)value);
            }
        }

        return all.ToArray();
    }

    private static async Task InNoFileAsync(string[] folders, string[] secrets, string[] keys)
    {
        // What has no length is a socket or a pipe: opening a pipe would wait for its other end.
        var files = folders.SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)).Where(file => file.Length > 0).ToList();
        var found = false;
        foreach (var file in files)
        {
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.All(secrets, secret => Assert.False(Holds(bytes.ToArray(), secret), $"{file.FullName} holds {secret}."));
            Assert.All(keys, key => Assert.False(HoldsKey(bytes.ToArray(), key), $"{file.FullName} holds a key."));
            found |= Holds(bytes.ToArray(), Name);
        }

        Assert.True(found, $"The search does not find what is written, in {string.Join(' ', files.Select(file => file.FullName))}.");
    }

    private static bool Holds(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    /// <summary>In either spelling of its hex digits, or raw.</summary>
    private static bool HoldsKey(byte[] bytes, string hex) =>
        Holds(bytes, hex.ToLowerInvariant()) || Holds(bytes, hex.ToUpperInvariant()) || bytes.AsSpan().IndexOf(Convert.FromHexString(hex)) >= 0;
}
