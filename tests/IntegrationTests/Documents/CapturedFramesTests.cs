using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Im.Application.Accounts;
using Im.Domain;
using Im.IntegrationTests.Client;
using Im.IntegrationTests.Harness;
using Im.IntegrationTests.Web;
using Im.IntegrationTests.WebClient;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Documents;

/// <summary>Frames of conversations through a node are those that the AsyncAPI document describes, and all of those.</summary>
public sealed class CapturedFramesTests
{
    private readonly AsyncApi _document = AsyncApi.Read();
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private readonly HashSet<int> _refusals = [];

    [Fact]
    public async Task Every_frame_of_conversations_is_described_and_every_described_one_is_seen()
    {
        await using (var node = await TestNode.StartAsync(null))
        {
            await TalkAsync(node);
            await TalkPlainlyAsync(node);
        }

        await HurryAsync();
        await RenewWithoutStoreAsync();

        Assert.Equal(_document.Messages.Order(StringComparer.Ordinal), _document.Seen.Order(StringComparer.Ordinal));
        var described = _document.Document["components"]!["schemas"]!["error"]!["properties"]!["code"]!["enum"]!.AsArray().Select(code => code!.GetValue<long>());
        Assert.Equal(described.Order(), _refusals.Select(code => (long)code).Order());
    }

    [Fact]
    public async Task Every_frame_of_the_client_for_NET_is_described()
    {
        await using var node = await TestNode.StartAsync(null);
        await using var relay = await HostileRelay.StartAsync(node.BaseAddress);
        var faults = Listen(relay);
        await using (var talk = await People.MeetAsync(relay.BaseAddress, relay.BaseAddress))
        {
            await talk.Ann.SendAsync("hello", TestContext.Current.CancellationToken);
            await talk.Bob.TextsAsync(1);
            talk.Bob.SetTyping(true);
            await Eventually.HoldsAsync("Ann sees Bob typing", () => talk.Ann.IsPeerTyping);
            await talk.Bob.SendAsync("hi", TestContext.Current.CancellationToken);
            await talk.Ann.TextsAsync(1);
            await talk.Bob.EndAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(faults);
        Assert.Superset(new HashSet<string> { "v1 receive clientMsg", "v1 receive ack", "v1 receive clientSignal", "v1 send msg", "v1 send sent", "v1 send ready", "v1 send signal" }, _document.Seen.ToHashSet());
    }

    [Fact]
    public async Task Every_frame_of_the_browser_client_is_described()
    {
        Assert.SkipUnless(NodeJs.IsInstalled, NodeJs.NotInstalled);
        await using var node = await TestNode.StartAsync(null, "--Limits:LoginsPerMinute=0");
        await using var relay = await HostileRelay.StartAsync(node.BaseAddress);
        var faults = Listen(relay);

        await NodeJs.RunAsync("node", ["--experimental-websocket", "--test", .. NodeJs.TestsIn(Path.Combine("test", "service"))], relay.BaseAddress);

        Assert.Empty(faults);
        Assert.Superset(new HashSet<string> { "v1 receive clientMsg", "v1 receive ack", "v1 send msg", "v1 send sent", "v1 send ready" }, _document.Seen.ToHashSet());
    }

    private async Task TalkAsync(TestNode node)
    {
        var session = (await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob)).Session;
        await using var ann = await ConnectAsync(node, _pair.Ann, _pair.Bob);
        await ann.HearAsync("ready");
        await using var bob = await ConnectAsync(node, _pair.Bob, _pair.Ann);
        await bob.HearAsync("ready");

        await ann.SayAsync($$"""{"type":"msg","data":"hello","id":1,"to_user_id":{{_pair.Bob}},"from_user_id":{{_pair.Ann}},"session":"{{session}}"}""");
        await ann.HearAsync("sent");
        await bob.HearAsync("msg");
        await bob.SayAsync("""{"type":"ack","seq":1}""");
        await ann.HearAsync("delivered");
        await ann.SayAsync("""{"type":"msg","data":"hello","id":1}""");
        Assert.True((await ann.HearAsync("sent")).Has("duplicate"));
        await bob.SayAsync("""{"type":"msg","data":"no id"}""");
        Assert.False((await bob.HearAsync("sent")).Has("id"));
        await ann.HearAsync("msg");
        await bob.SayAsync("""{"type":"signal","data":"typing"}""");
        await ann.HearAsync("signal");
        await ann.SayAsync($$"""{"type":"auth","token":"{{TestNode.Mint(_pair.Ann)}}"}""");
        await ann.HearAsync("authenticated");

        foreach (var refused in new[]
        {
            """{"type":"msg","data":"a gap","id":5}""",
            """{"type":"msg","data":"ids no more"}""",
            """{"type":"msg"}""",
            """{"type":"ack","seq":100}""",
            """{"type":"auth","token":"none"}""",
            """{"type":"pong"}""",
            """{"type":"msg","data":"x","id":2,"session":"another"}""",
            "no JSON",
        })
        {
            _refusals.Add(await ann.IsRefusedAsync(refused));
        }

        await node.Rest.ExchangeAsync(_pair.Ann, _pair.Bob);
        await bob.HearAsync("handshake");
        await using var again = await ConnectAsync(node, _pair.Bob, _pair.Ann);
        await again.HearAsync("ready");
        Assert.Equal(4409, await bob.EndsAsync());
        await again.CloseAsync();
        Assert.Equal(1000, await again.EndsAsync());
        await node.Rest.EndAsync(_pair.Bob, _pair.Ann);
        Assert.Equal(4403, await ann.EndsAsync());
    }

    private async Task TalkPlainlyAsync(TestNode node)
    {
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await ConnectAsync(node, _pair.Ann, _pair.Bob, plain: true);
        await using var bob = await ConnectAsync(node, _pair.Bob, _pair.Ann, plain: true);

        await ann.SayAsync("""{"type":"msg","data":"hello","to_user_id":"somebody","from_user_id":7,"session":null}""");
        await bob.HearAsync("msg");
        await bob.SayAsync("""{"type":"msg","data":"counted","id":1}""");
        Assert.True((await ann.HearAsync("msg")).Has("id"));
        Assert.Equal(40902, await bob.IsRefusedAsync("""{"type":"msg","data":"a gap","id":5}"""));
        Assert.Equal(40003, await ann.IsRefusedAsync("""{"type":"ack","seq":1}"""));
        Assert.Equal(40002, await ann.IsRefusedAsync("no JSON"));
    }

    /// <summary>Too many frames for the node, and for the queue of a peer who is not there.</summary>
    private async Task HurryAsync()
    {
        await using var node = await TestNode.StartAsync(null, "--Messaging:MaxQueuedMessages=1", "--Limits:FramesPerSecond=1");
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await ConnectAsync(node, _pair.Ann, _pair.Bob);

        await ann.SayAsync("""{"type":"msg","data":"one","id":1}""");
        await ann.HearAsync("sent");
        _refusals.Add(await ann.IsRefusedAsync("""{"type":"msg","data":"two","id":2}"""));
        for (var i = 0; i < 50 && !_refusals.Contains(42900); i++)
        {
            _refusals.Add(await ann.IsRefusedAsync("""{"type":"msg","data":"two","id":2}"""));
        }
    }

    /// <summary>A store that no longer says whether a token was revoked.</summary>
    private async Task RenewWithoutStoreAsync()
    {
        var revocations = new FakeRevocations();
        await using var node = await TestNode.StartAsync(null, services => services.AddSingleton<IRevocations>(revocations));
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await ConnectAsync(node, _pair.Ann, _pair.Bob);
        await ann.HearAsync("ready");

        revocations.Refuse = () => Errors.StoreUnavailable;
        _refusals.Add(await ann.IsRefusedAsync($$"""{"type":"auth","token":"{{TestNode.Mint(_pair.Ann)}}"}"""));
    }

    private async Task<Speaker> ConnectAsync(TestNode node, long user, long peer, bool plain = false) =>
        new(_document, await SocketClient.ConnectAsync(node, user, peer, new Upgrade { V1 = !plain }), plain ? "plain" : "v1");

    /// <summary>What passes the relay is compared; faults are collected, as nobody could catch them there.</summary>
    private ConcurrentQueue<string> Listen(HostileRelay relay)
    {
        var faults = new ConcurrentQueue<string>();
        relay.OnSent = frame => Compare("receive", frame);
        relay.OnFrame = frame =>
        {
            Compare("send", frame);
            return [frame];
        };
        return faults;

        void Compare(string action, JsonObject frame)
        {
            lock (faults)
            {
                if (_document.FaultOf("v1", action, JsonElement.Parse(frame.ToJsonString())) is { } fault)
                {
                    faults.Enqueue(fault);
                }
            }
        }
    }
}
