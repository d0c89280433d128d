using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using Im.Client.Encryption;
using Im.Client.KeyExchange;
using Im.IntegrationTests.Harness;
using Im.IntegrationTests.Web;
using StackExchange.Redis;

namespace Im.IntegrationTests.Client;

/// <summary>With public keys, nothing that the service sees, keeps, passes on or logs holds the key or a text.</summary>
public sealed class NothingReadableTests
{
    private const string Text = "text-that-only-the-two-can-read";

    [Fact]
    public async Task Neither_key_nor_text_is_in_any_request_any_command_to_the_store_any_value_any_frame_or_any_log_line()
    {
        var cancelled = TestContext.Current.CancellationToken;
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var server = await RedisServer.StartAsync();
        await using var monitor = await RedisMonitor.StartAsync(server.Port);
        await using var node = await TestNode.StartAsync(server.ConnectionString);
        var (ann, bob) = Pairs.Fresh();
        using var bobsKeys = KeyPair.Generate();

        // What Ann's client says is kept on its way, whether the node does anything with it or not.
        await using var relay = await HostileRelay.StartAsync(node.BaseAddress);
        var said = new ConcurrentQueue<string>();
        relay.OnRequest = said.Enqueue;
        relay.OnSent = frame => said.Enqueue(frame.ToJsonString());

        // Bob is by hand, so that every frame he gets is kept as it came.
        await using var client = People.At(relay.BaseAddress, ann);
        var opened = await BusyStore.RepeatAsync(() => node.Rest.ExchangeAsync(bob, ann, publicKey: bobsKeys.Public.Text));
        await using var conversation = await client.RendezvousAsync(bob, cancellationToken: cancelled);
        var answer = await BusyStore.RepeatAsync(() => node.Rest.ExchangeAsync(bob, ann, publicKey: bobsKeys.Public.Text));
        var annsKey = PublicPoint.Read(answer.Text("peer_public_key"))!;
        var secret = bobsKeys.Agree(annsKey);
        using var cipher = SessionCipher.OfPublicKeys(secret, answer.Text("im_session"), bob, ann, bobsKeys.Public, annsKey);
        await conversation.SendAsync(Text, cancelled);
        await using var bobs = await BusyStore.ConnectReadyAsync(node, bob, ann, new Upgrade { Session = answer.Text("im_session") });
        await bobs.SendMsgAsync(cipher.Encrypt(Encoding.UTF8.GetBytes(Text), 1), 1);
        Assert.Equal([Text], await conversation.TextsAsync(1));
        conversation.SetTyping(true);
        await bobs.NextAsync("signal");
        Assert.Equal(Text, cipher.Decrypt(bobs.Of("msg").Single().Text("data"), 1));
        Assert.Equal(conversation.SafetyNumber, cipher.SafetyNumber);

        Assert.All(["/im/get_imKey", "/im/ws?", "\"msg\"", "\"signal\""], what => Assert.Contains(said, text => text.Contains(what, StringComparison.Ordinal)));
        await using var store = await server.ConnectAsync();

        // What is told of commands comes after them: the last one shows that those before are all there.
        var last = $"the last command {Guid.NewGuid()}";
        await store.GetDatabase().ExecuteAsync("ECHO", last);
        await Eventually.HoldsAsync("every command is told", () => monitor.Lines.Any(line => line.Contains(last, StringComparison.Ordinal)));
        var seen = new List<string>(await ValuesAsync(store));
        seen.AddRange(said);
        seen.AddRange(bobs.Frames.Select(frame => frame.ToString()));
        seen.Add(answer.Body.ToString());
        seen.Add(opened.Body.ToString());
        seen.AddRange(node.Logs.Lines.Select(line => line.Text));
        seen.AddRange(monitor.Lines);

        var salt = SessionString.SaltOf(SessionString.Of(answer.Text("im_session"), bob, ann, bobsKeys.Public, annsKey));
        var secrets = new[] { secret, Derived(secret, salt, ann, bob), Derived(secret, salt, bob, ann), Encoding.UTF8.GetBytes(Text) }
            .SelectMany(bytes => new[] { Convert.ToHexStringLower(bytes), Base64Url.EncodeToString(bytes), Convert.ToBase64String(bytes), Encoding.Latin1.GetString(bytes) }).ToList();
        Assert.Contains(monitor.Lines, line => line.Contains(bobs.Of("msg").Single().Text("data"), StringComparison.Ordinal));
        Assert.Empty(seen.Where(text => secrets.Any(hidden => text.Contains(hidden, StringComparison.OrdinalIgnoreCase))));
    }

    private static byte[] Derived(byte[] secret, byte[] salt, long from, long to)
    {
        var key = new byte[32];
        DirectionCipher.DeriveKey(secret, salt, from, to, key);
        return key;
    }

    /// <summary>Every key of the store with its value, as the store itself dumps it.</summary>
    private static async Task<List<string>> ValuesAsync(ConnectionMultiplexer store)
    {
        var values = new List<string>();
        await foreach (var key in store.GetServers()[0].KeysAsync())
        {
            values.Add($"{key} {Encoding.Latin1.GetString(await store.GetDatabase().KeyDumpAsync(key) ?? [])}");
        }

        Assert.NotEmpty(values);
        return values;
    }
}
