using System.Text;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>What breaks the websocket protocol itself (RFC 6455), beneath any frame of the service: the connection ends, and nothing else does.</summary>
/// <remarks>
/// The platform finds out. What the service owes is that it is asked first, that its goodbye (1002) reaches the client, that
/// nothing behind is taken, and that it is no fault of the server.
/// </remarks>
public sealed class BrokenWebsocketTests(GarnetNode node) : SocketSuite(node), IClassFixture<GarnetNode>
{
    private static readonly byte[] Message = RawSocket.Frame(0x81, [.. """{"type":"msg","data":"stored?"}"""u8]);

    [Theory]
    [InlineData("not masked", 0x81, 0x02, 0x68, 0x69)]
    [InlineData("first reserved bit, that of compression", 0xc1, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("second reserved bit", 0xa1, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("third reserved bit", 0x91, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("reserved opcode of data", 0x83, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("reserved opcode of control", 0x8b, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("ping in parts", 0x09, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("ping that says it is longer than 125 bytes", 0x89, 0xfe, 0, 0x7e, 0, 0, 0, 0)]
    [InlineData("continuation of nothing", 0x80, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData("message begun within a message", 0x01, 0x81, 0, 0, 0, 0, 0x68, 0x81, 0x81, 0, 0, 0, 0, 0x69)]
    [InlineData("length of 64 bits with the highest set", 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)]
    [InlineData("goodbye of one byte", 0x88, 0x81, 0, 0, 0, 0, 0x03)]
    [InlineData("goodbye with a reason that is not UTF-8", 0x88, 0x83, 0, 0, 0, 0, 0x03, 0xe8, 0xff)]
    public async Task It_closes_with_1002_and_nothing_behind_it_is_stored(string what, params int[] bytes)
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        using var raw = await RawSocket.UpgradeAsync(Node, Ann, Bob);

        await raw.SendAsync([.. bytes.Select(one => (byte)one), .. Message]);

        Assert.EndsWith(Goodbye(1002), Convert.ToHexString(await raw.ReadToEndAsync()), StringComparison.Ordinal);
        await bob.ExpectAsync($"Ann is gone after: {what}", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
        Assert.Empty(bob.Of("msg"));
        await using var ann = await SocketClient.ConnectAsync(Node, Ann, Bob);
        Assert.Equal(0, (await ann.NextAsync("ready")).Number("last_id"));
        NothingIsLoggedAsAFault();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public async Task A_goodbye_with_a_code_that_nobody_may_send_is_answered_with_1002(int code)
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(Node, Bob, Ann);
        using var raw = await RawSocket.UpgradeAsync(Node, Ann, Bob);

        await raw.SendAsync(RawSocket.Frame(0x88, (byte)(code >> 8), (byte)code));

        Assert.EndsWith(Goodbye(1002), Convert.ToHexString(await raw.ReadToEndAsync()), StringComparison.Ordinal);
        await bob.ExpectAsync("Ann is gone", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
        NothingIsLoggedAsAFault();
    }

    [Fact]
    public async Task A_message_that_never_ends_is_cut_off_at_the_limit_however_small_its_parts()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        using var raw = await RawSocket.UpgradeAsync(Node, Ann, Bob);
        byte[] part = [.. Enumerable.Repeat(RawSocket.Frame(0x00, (byte)' '), 1000).SelectMany(one => one)];

        var reading = raw.ReadToEndAsync();
        await raw.SendAsync(RawSocket.Frame(0x01, (byte)'{'));
        for (var sent = 0; sent < 70; sent++)
        {
            try
            {
                await raw.SendAsync(part);
            }
            catch (IOException)
            {
                break; // The node has hung up already.
            }
        }

        Assert.Contains(Goodbye(1009), Convert.ToHexString(await reading), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_ends_within_a_character_closes_with_1007_even_where_its_last_part_is_empty()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        using var raw = await RawSocket.UpgradeAsync(Node, Ann, Bob);

        await raw.SendAsync([.. RawSocket.Frame(0x01, [.. "{}"u8, 0xe2, 0x82]), .. RawSocket.Frame(0x80), .. RawSocket.Frame(0x88, 1000 >> 8, 1000 & 0xff)]);

        Assert.EndsWith(Goodbye(1007), Convert.ToHexString(await raw.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1002, 0x83, 0x81, 0, 0, 0, 0, 0x68)]
    [InlineData(1007, 0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28)]
    public async Task What_the_platform_closes_by_itself_is_logged_and_counted_with_the_code_that_the_client_is_told(int code, params int[] bytes)
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        using var raw = await RawSocket.UpgradeAsync(Node, Ann, Bob);

        await raw.SendAsync([.. bytes.Select(one => (byte)one)]);

        Assert.EndsWith(Convert.ToHexString([0x88, 0x02, (byte)(code >> 8), (byte)code]), Convert.ToHexString(await raw.ReadToEndAsync()), StringComparison.Ordinal);
        await Eventually.HoldsAsync(
            "the log says so", () => Node.Logs.Lines.Any(line => line.Text.StartsWith($"The connection of user {Ann} ended with {code} ", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(
            "it is counted", async () => Regex.IsMatch(await Node.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), $@"im_connections_closed_total\{{[^}}]*code=""{code}""\}} \d"));
    }

    [Fact]
    public async Task Empty_parts_without_end_delay_nobody_else()
    {
        await using var talk = await TalkAsync();
        var (mallory, victim) = Pairs.Fresh();
        await Node.Rest.AgreeAsync(mallory, victim);
        using var raw = await RawSocket.UpgradeAsync(Node, mallory, victim);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var flood = FloodAsync(raw, RawSocket.Frame(0x01), RawSocket.Frame(0x00), over.Token);

        for (var id = 1; id <= 100; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
            Assert.Equal(id, (await talk.Bob.NextAsync("msg")).Number("seq"));
        }

        await over.CancelAsync();
        await flood;
    }

    [Fact]
    public async Task Who_asks_for_pongs_without_end_and_reads_none_is_cut_off()
    {
        await using var node = await Fixture.StartAnotherAsync("--Messaging:SendTimeout=00:00:01", "--Messaging:PingInterval=00:00:01", "--Messaging:PingTimeout=00:00:01");
        await node.Rest.AgreeAsync(Ann, Bob);
        using var raw = await RawSocket.UpgradeAsync(node, Ann, Bob);

        // It ends when the node hangs up.
        await FloodAsync(raw, [], RawSocket.Frame(0x89, new byte[125]), TestContext.Current.CancellationToken).WaitAsync(2 * Eventually.Deadline, TestContext.Current.CancellationToken);

        await using var bob = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
        await Eventually.HoldsAsync("Ann is gone", () => bob.Of("presence").Any(frame => !frame.Json.GetProperty("online").GetBoolean()));
    }

    [Fact]
    public async Task No_extension_is_agreed_so_that_nothing_secret_is_ever_compressed()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        using var http = new HttpClient { BaseAddress = Node.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/im/ws?to_user_id={Bob}");
        request.Headers.Authorization = new("Bearer", TestNode.Mint(Ann));
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.Headers.Add("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame");

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(101, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Sec-WebSocket-Extensions"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("8")]
    [InlineData("12")]
    [InlineData("14")]
    [InlineData("")]
    public async Task Another_version_of_the_protocol_is_no_upgrade(string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/im/ws?to_user_id={Bob}");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (version.Length > 0)
        {
            request.Headers.Add("Sec-WebSocket-Version", version);
        }

        request.Headers.Authorization = new("Bearer", TestNode.Mint(Ann));
        var answer = await Node.Rest.SendAsync(request);

        Assert.Equal(42600, answer.Code);
    }

    [Fact]
    public async Task A_client_cannot_choose_the_session_that_it_shares_with_another_one()
    {
        var chosen = new string('a', 32);
        var content = new StringContent($$"""{"to_user_id":{{Bob}},"im_session":"{{chosen}}","session":"{{chosen}}"}""", Encoding.UTF8, "application/json");

        var answer = await Node.Rest.SendAsync(HttpMethod.Post, "/im/get_imKey", Ann, content);

        Assert.Equal(0, answer.Code);
        Assert.NotEqual(chosen, answer.Text("im_session"));
    }

    /// <summary>The server's close frame, in hex.</summary>
    private static string Goodbye(int code) => Convert.ToHexString([0x88, 0x02, (byte)(code >> 8), (byte)code]);

    private static async Task FloodAsync(RawSocket raw, byte[] first, byte[] again, CancellationToken cancellationToken)
    {
        byte[] many = [.. Enumerable.Repeat(again, 1000).SelectMany(one => one)];
        try
        {
            await raw.Stream.WriteAsync(first, cancellationToken);
            while (!cancellationToken.IsCancellationRequested)
            {
                await raw.Stream.WriteAsync(many, cancellationToken);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // The node has hung up, or the test is over.
        }
    }

    private void NothingIsLoggedAsAFault() =>
        Assert.Empty(Node.Logs.Lines.Where(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error && line.Text.Contains($"{Ann}", StringComparison.Ordinal)).Select(line => line.Text));
}
