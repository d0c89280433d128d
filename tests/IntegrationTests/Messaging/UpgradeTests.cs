using System.Net.WebSockets;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Who gets a websocket and who is refused, before the upgrade and with the envelope.</summary>
public sealed class UpgradeTests(GarnetNode node) : SocketSuite(node), IClassFixture<GarnetNode>
{
    [Theory]
    [InlineData(TokenPlace.Authorization)]
    [InlineData(TokenPlace.Header)]
    [InlineData(TokenPlace.Query)]
    [InlineData(TokenPlace.Subprotocol)]
    public async Task The_token_may_stand_in_every_place_and_is_never_echoed(TokenPlace place)
    {
        await Node.Rest.AgreeAsync(Ann, Bob);

        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob, new Upgrade { TokenIn = place });

        Assert.Equal("im.v1", ann.Subprotocol);
    }

    [Fact]
    public async Task A_bearer_without_im_v1_is_plain_mode_and_nothing_is_echoed()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);

        await using var ann = await SocketClient.ConnectAsync(Node, Ann, Bob, new Upgrade { V1 = false, TokenIn = TokenPlace.Subprotocol });

        Assert.Null(ann.Subprotocol);
        await ann.SettleAsync();
        Assert.Single(ann.Frames);
    }

    [Theory]
    [InlineData("no token")]
    [InlineData("nonsense")]
    [InlineData("expired")]
    [InlineData("the first place is the only one looked at")]
    public async Task Without_a_valid_token_it_is_40100(string what)
    {
        string[] headers = what switch
        {
            "no token" => [],
            "nonsense" => ["token: nonsense"],
            "expired" => [$"Authorization: Bearer {TestNode.Mint(Ann, TimeSpan.FromMinutes(-1))}"],
            _ => ["Authorization: Bearer nonsense", $"token: {TestNode.Mint(Ann)}"],
        };

        var refused = await RefusedUpgrade.AskAsync(Node, $"/im/ws?to_user_id={Bob}", headers);

        Assert.Equal((401, 40100), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task All_faulty_fields_are_named_at_once()
    {
        var refused = await RefusedUpgrade.AskAsync(Node, Ann, "to_user_id=x&session=short&seen=-1");

        Assert.Equal((400, 40000), (refused.Status, refused.Code));
        Assert.Equal(["seen", "session", "to_user_id"], refused.Body.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("to_user_id=0")]
    [InlineData("to_user_id=9007199254740992")]
    [InlineData("to_user_id=oneself")]
    public async Task A_missing_or_impossible_peer_is_40000(string query)
    {
        var refused = await RefusedUpgrade.AskAsync(Node, Ann, query.Replace("oneself", $"{Ann}", StringComparison.Ordinal));

        Assert.Equal((400, 40000), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Without_a_session_or_with_another_one_it_is_40301()
    {
        Assert.Equal(40301, (await RefusedUpgrade.AskAsync(Node, Ann, $"to_user_id={Bob}")).Code);
        await Node.Rest.AgreeAsync(Ann, Bob);

        var refused = await RefusedUpgrade.AskAsync(Node, Ann, $"to_user_id={Bob}&session={new string('0', 32)}");

        Assert.Equal((403, 40301), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_call_that_is_no_upgrade_is_42600()
    {
        var answer = await Node.Rest.SendAsync(HttpMethod.Get, $"/im/ws?to_user_id={Bob}", Ann);

        Assert.Equal((426, 42600), ((int)answer.Status, answer.Code));
        Assert.Equal("websocket", answer.Response.Headers.Upgrade.Single().Name);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://127.0.0.1", false)]
    [InlineData("http://own:1", false)]
    [InlineData("http://own", true)]
    [InlineData("https://own", true)]
    [InlineData("https://chat.example", true)]
    [InlineData("https://chat.example:444", false)]
    [InlineData(null, true)]
    public async Task Only_own_and_allowed_origins_get_in(string? origin, bool allowed)
    {
        await using var node = await Fixture.StartAnotherAsync("--Web:AllowedOrigins:0=https://chat.example");
        await node.Rest.AgreeAsync(Ann, Bob);
        origin = origin?.Replace("own:1", "127.0.0.1:1", StringComparison.Ordinal).Replace("own", node.BaseAddress.Authority, StringComparison.Ordinal);
        if (allowed)
        {
            await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob, new Upgrade { Origin = origin });
            return;
        }

        var refused = await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}", $"Origin: {origin}");

        Assert.Equal((403, 40303), (refused.Status, refused.Code));
    }

    [Theory]
    [InlineData("xn--0")]
    [InlineData("xn--")]
    [InlineData("chat.xn--99999999:8083")]
    public async Task A_host_whose_name_nobody_can_decode_is_no_host_and_no_fault(string host)
    {
        using var http = new HttpClient { BaseAddress = Node.BaseAddress };
        var refused = await RefusedUpgrade.AskAsync(Node, Ann, $"to_user_id={Bob}", $"Host: {host}", $"Origin: https://{host}");
        Assert.Equal((403, 40303), (refused.Status, refused.Code));
        foreach (var path in new[] { "/", "/openapi/v1.json", "/health/live" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Host", host);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((path, 200), (path, (int)response.StatusCode));
        }

        Assert.Empty(Node.Logs.Lines.Where(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error).Select(line => line.Text));
    }

    [Fact]
    public async Task More_requests_in_a_minute_than_allowed_are_42900_with_a_time_to_wait()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:RequestsPerMinute=3");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(40301, (await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}")).Code);
        }

        var refused = await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}");

        Assert.Equal((429, 42900), (refused.Status, refused.Code));
        Assert.Matches("(?i)\r\nRetry-After: [1-9]", refused.Head);
    }

    [Fact]
    public async Task A_full_node_says_50300_and_takes_the_next_one_when_one_has_gone()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:MaxConnections=1");
        await node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);

        var refused = await RefusedUpgrade.AskAsync(node, Bob, $"to_user_id={Ann}");

        Assert.Equal((503, 50300), (refused.Status, refused.Code));
        Assert.Matches("(?i)\r\nRetry-After: [1-9]", refused.Head);
        await ann.CloseAsync();
        await Eventually.HoldsAsync("there is room again", async () =>
        {
            try
            {
                await using var bob = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
    }
}
