using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Im.IntegrationTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>What somebody in between does is shown as what it is, and never as a message.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class HostileRelayTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>
{
    [Fact]
    public async Task Swapped_keys_give_two_safety_numbers_and_whoever_says_that_they_differ_can_write_no_more()
    {
        await using var relay = await HostileRelay.StartAsync(node.Node.BaseAddress);
        var theirs = PublicKey();
        relay.OnKey = data =>
        {
            if (data.ContainsKey("peer_public_key"))
            {
                data["peer_public_key"] = theirs;
            }
        };
        await using var ann = await Person.RegisteredAsync(browser, relay.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, relay.BaseAddress);
        await ann.MeetAsync(bob);

        Assert.NotEqual(await ann.SafetyNumberAsync(), await bob.SafetyNumberAsync());
        await ann.Button("It is different").ClickAsync();

        await Expect(ann.Page.GetByText("The numbers differ: somebody swapped the keys")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".composer")).ToBeHiddenAsync();
        await bob.SayAsync("Never readable");
        await Expect(ann.Warnings).ToHaveCountAsync(1);
        await ann.SeesAsync();
    }

    [Fact]
    public async Task A_server_that_hands_out_another_key_than_mine_twice_is_found_out()
    {
        await using var relay = await HostileRelay.StartAsync(node.Node.BaseAddress);
        var swapped = 0;
        relay.OnKey = data =>
        {
            data["public_key"] = PublicKey();
            Interlocked.Add(ref swapped, data.ContainsKey("peer_public_key") ? 1 : 0);
        };
        await using var ann = await Person.RegisteredAsync(browser, relay.BaseAddress);
        var peer = Pairs.User();

        await ann.StartAsync(peer);
        await Eventually.HoldsAsync("the page has met two keys that are not its own", async () =>
        {
            await node.Node.Rest.ExchangeAsync(peer, ann.Id, publicKey: PublicKey());
            return swapped >= 2;
        });

        await ann.SeesTroubleAsync("Somebody swapped your key");
    }

    [Fact]
    public async Task The_key_that_a_page_left_behind_when_it_was_reloaded_is_no_alarm()
    {
        await using var ann = await Person.RegisteredAsync(browser, node.Node.BaseAddress);
        var peer = Pairs.User();
        await node.Node.Rest.ExchangeAsync(peer, ann.Id, publicKey: PublicKey());
        await ann.StartAsync(peer);
        await ann.CanWriteAsync();

        await ann.Page.ReloadAsync();
        await ann.SignInAsync();
        await ann.StartAsync(peer);
        await Eventually.HoldsAsync("what was left is ended", async () => (await node.Node.Rest.SessionAsync(peer, ann.Id)).Code == 40301);
        await node.Node.Rest.ExchangeAsync(peer, ann.Id, publicKey: PublicKey());

        await ann.CanWriteAsync();
    }

    [Fact]
    public async Task A_changed_message_is_a_warning() =>
        await SeesAsync(
            (frame, number) => number == 2 ? [With(frame, "data", Changed(frame["data"]!.GetValue<string>()))] : [frame],
            ["one", "three"],
            "A message was changed on its way",
            "A message is missing");

    [Fact]
    public async Task A_withheld_message_is_a_warning() =>
        await SeesAsync(
            (frame, number) => number switch { 1 => [frame], 2 => [], _ => [With(frame, "seq", number - 1)] },
            ["one", "three"],
            "A message is missing");

    [Fact]
    public async Task A_repeated_message_is_a_warning()
    {
        JsonObject? first = null;
        await SeesAsync(
            (frame, number) => number switch { 1 => [first = frame], 2 => [frame], _ => [frame, With(first!, "seq", 4)] },
            ["one", "two", "three"],
            "An old message came a second time");
    }

    [Fact]
    public async Task Messages_out_of_order_are_warnings()
    {
        JsonObject? second = null;
        await SeesAsync(
            (frame, number) => number switch { 1 => [frame], 2 => Hold(frame), _ => [With(frame, "seq", 2), With(second!, "seq", 3)] },
            ["one", "three"],
            "A message is missing",
            "A message came out of its order");

        IEnumerable<JsonObject> Hold(JsonObject frame)
        {
            second = frame;
            return [];
        }
    }

    [Fact]
    public async Task What_a_peer_writes_is_never_markup()
    {
        await using var ann = await Person.RegisteredAsync(browser, node.Node.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, node.Node.BaseAddress);
        await ann.MeetAsync(bob);
        const string Attack = "<img src=x onerror=alert(1)><script>alert(1)</script>{id}‮ end";

        await bob.SayAsync(Attack);

        await ann.SeesAsync(Attack);
        Assert.Equal(0, await ann.Page.Locator(".said img, .said script").CountAsync());
        Assert.Empty(ann.Complaints);
    }

    /// <summary>Bob says one, two, three; Ann's relay makes of each frame what it likes. Her page shows these texts and these warnings.</summary>
    private async Task SeesAsync(Func<JsonObject, long, IEnumerable<JsonObject>> change, string[] texts, params string[] warnings)
    {
        await using var relay = await HostileRelay.StartAsync(node.Node.BaseAddress);
        relay.OnFrame = frame => frame["type"]!.GetValue<string>() == "msg" ? [.. change((JsonObject)frame.DeepClone(), frame["id"]!.GetValue<long>())] : [frame];
        await using var ann = await Person.RegisteredAsync(browser, relay.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, node.Node.BaseAddress);
        await ann.MeetAsync(bob);

        foreach (var text in new[] { "one", "two", "three" })
        {
            await bob.SayAsync(text);
        }

        await Expect(ann.Warnings).ToHaveCountAsync(warnings.Length);
        for (var i = 0; i < warnings.Length; i++)
        {
            await Expect(ann.Warnings.Nth(i)).ToContainTextAsync(warnings[i]);
        }

        await ann.SeesAsync(texts);
    }

    private static JsonObject With(JsonObject frame, string field, JsonNode value)
    {
        var changed = (JsonObject)frame.DeepClone();
        changed[field] = value;
        return changed;
    }

    /// <summary>One character in the middle is another one.</summary>
    private static string Changed(string data) => $"{data[..100]}{(data[100] == 'A' ? 'B' : 'A')}{data[101..]}";

    private static string PublicKey()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return System.Buffers.Text.Base64Url.EncodeToString([4, .. point.X!, .. point.Y!]);
    }
}
