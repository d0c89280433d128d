using System.Net.WebSockets;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 9, nothing at rest: no key, message or token in any log at any level; nothing left in the store after a session ends.</summary>
public abstract class NothingAtRestTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private const string Payload = "payload-that-nobody-logs";
    private const string Password = "password-that-nobody-logs";

    [Fact]
    public async Task A_whole_conversation_leaves_no_secret_in_any_log_line_at_any_level()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:BadFrames=5");
        var secrets = new List<string> { Payload, Password };
        await node.Rest.RegisterAsync($"user-{Ann}", $"{Ann}@example.org", Password);
        secrets.Add((await node.Rest.LogInAsync($"user-{Ann}", null, Password)).Text("token"));
        await node.Rest.LogInAsync($"user-{Ann}", null, Password + "wrong");
        var agreed = await node.Rest.AgreeAsync(Ann, Bob);
        secrets.AddRange([agreed.Key, agreed.Session]);

        foreach (var place in Enum.GetValues<TokenPlace>())
        {
            var token = Tokens.Mint(Ann, TimeSpan.FromMinutes(60 + (int)place));
            secrets.Add(token.Split('.')[2]);
            await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob, new Upgrade { TokenIn = place, Token = token, Session = agreed.Session });
            await ann.AuthAsync(token);
            await ann.AuthAsync(token + Payload);
            await ann.SendMsgAsync(Payload);
            await ann.SignalAsync(Payload);
            await ann.SendMsgAsync(Payload, id: 1);
            await ann.SendRawAsync($"{Payload}{token}");
            await ann.SettleAsync();
        }

        await using (var plain = await SocketClient.ConnectAsync(node, Bob, Ann, new Upgrade { V1 = false }))
        {
            await plain.SendMsgAsync(Payload);
            await plain.NextAsync("msg");
            await plain.SendRawAsync(System.Text.Encoding.UTF8.GetBytes(Payload), WebSocketMessageType.Binary);
            await plain.ClosedAsync();
        }

        var refusedToken = Tokens.Mint(Ann, TimeSpan.FromMinutes(-5));
        secrets.Add(refusedToken.Split('.')[2]);
        await RefusedUpgrade.AskAsync(node, $"/im/ws?to_user_id={Bob}&session={agreed.Session}&token={refusedToken}");
        await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}&session={new string('f', 32)}");
        await node.Rest.EndAsync(Ann, Bob, agreed.Session);
        await node.StopAsync(TestContext.Current.CancellationToken);

        Assert.NotEmpty(node.Logs.Lines);
        Assert.Empty(node.Logs.Lines.Where(line => secrets.Any(secret => line.Text.Contains(secret, StringComparison.OrdinalIgnoreCase))).Select(line => $"{line.Category}: {line.Text}"));
    }

    [Fact]
    public async Task Every_key_of_a_pair_has_a_time_to_live_and_none_is_left_after_the_session_ended()
    {
        await using var store = await StoreView.ConnectAsync(Node);
        await Node.Rest.ExchangeAsync(Ann, Bob);
        await AllExpireAsync(store, atLeast: 1);
        await using var talk = await TalkAsync();
        await talk.Bob.DisposeAsync();
        for (var id = 1; id <= 3; id++)
        {
            await talk.Ann.SendMsgAsync(Payload, id);
        }

        await talk.Ann.ExpectAsync("the third", frame => frame.Type == "sent" && frame.Number("id") == 3);
        await Node.Rest.ExchangeAsync(Ann, Bob);
        await AllExpireAsync(store, atLeast: 3);

        await Node.Rest.EndAsync(Bob, Ann);

        Assert.Empty(await store.KeysOfAsync(Ann, Bob));
        Assert.Equal(4403, await talk.Ann.ClosedAsync());
        Assert.Empty(await store.KeysOfAsync(Ann, Bob));
    }

    private async Task AllExpireAsync(StoreView store, int atLeast)
    {
        var keys = await store.KeysOfAsync(Ann, Bob);
        Assert.True(keys.Length >= atLeast, string.Join(' ', keys));
        foreach (var key in keys)
        {
            Assert.True(await store.Database.KeyTimeToLiveAsync(key) is not null, key);
        }
    }

    public sealed class OnGarnet(GarnetNode node) : NothingAtRestTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : NothingAtRestTests(nodes), IClassFixture<RedisNodes>;
}
