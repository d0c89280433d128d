using System.Net.WebSockets;
using Im.IntegrationTests.Harness;
using Xunit.Sdk;

namespace Im.IntegrationTests.Messaging;

/// <summary>Why the server closes a socket. 1001 is with the drain, 1009 with the sizes, 4404 with the faults, 4408 with the bounds, 4409 with the take-over.</summary>
public abstract class CloseCodeTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task A_client_that_closes_is_answered_with_1000()
    {
        await using var talk = await TalkAsync();

        await talk.Ann.CloseAsync();

        Assert.Equal(1000, await talk.Ann.ClosedAsync());
    }

    [Fact]
    public async Task Frames_before_a_goodbye_are_still_answered()
    {
        await using var talk = await TalkAsync();
        for (var id = 1; id <= 20; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
        }

        await talk.Ann.CloseAsync();

        Assert.Equal(20, talk.Ann.Of("sent").Count());
        Assert.Equal(1000, await talk.Ann.ClosedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_binary_frame_closes_with_1003(bool empty)
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SendRawAsync(empty ? Array.Empty<byte>() : new byte[70_000], WebSocketMessageType.Binary);

        Assert.Equal(1003, await talk.Ann.ClosedAsync());
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_close_with_1007()
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SendRawAsync(new byte[] { (byte)'{', 0xff, 0xfe, (byte)'}' });

        Assert.Equal(1007, await talk.Ann.ClosedAsync());
        await talk.Bob.ExpectAsync("Ann's going", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
        Assert.DoesNotContain($"The connection of user {Ann} was lost (4408).", LinesOf(Node));
    }

    [Fact]
    public async Task A_client_that_answers_no_ping_is_lost_with_4408_in_the_log()
    {
        await using var node = await Fixture.StartAnotherAsync("--Messaging:PingInterval=00:00:01", "--Messaging:PingTimeout=00:00:01");

        // Who answers has a second for it, which a busy machine may take from them: then another pair tries.
        await Eventually.HoldsAsync("who answers no ping is lost, and who does is told of it", async () =>
        {
            var (ann, bob) = Pairs.Fresh();
            bool IsLost(long user) => LinesOf(node).Contains($"The connection of user {user} was lost (4408).");
            await node.Rest.AgreeAsync(ann, bob);
            await using var answers = await SocketClient.ConnectAsync(node, bob, ann);
            using var silent = await RawSocket.UpgradeAsync(node, ann, bob);
            await silent.ReadToEndAsync();
            await Eventually.HoldsAsync("the log says so", () => IsLost(ann));
            await Eventually.HoldsAsync(
                "Ann's going, or Bob's", () => answers.IsClosed || answers.Of("presence").Any(frame => !frame.Json.GetProperty("online").GetBoolean()));
            return !answers.IsClosed && !IsLost(bob);
        });
    }

    [Fact]
    public async Task A_connection_ends_with_4401_thirty_seconds_past_its_tokens_end_unless_it_renews_the_token()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        SocketClient? renewed = null;
        await Eventually.HoldsAsync("Bob has renewed his token in time", async () =>
        {
            renewed = await ConnectLateAsync(Bob, Ann);
            return await IsInTimeAsync(renewed, async () =>
            {
                await renewed.AuthAsync(TestNode.Mint(Bob));
                await renewed.NextAsync("authenticated");
            });
        });
        await using var bob = renewed!;
        await using var ann = await ConnectLateAsync(Ann, Bob);

        // By then Bob's first token has ended as well.
        Assert.Equal(4401, await ann.ClosedAsync());

        await bob.SendMsgAsync("still here", id: 1);
        await bob.NextAsync("sent");
    }

    [Fact]
    public async Task An_auth_frame_that_is_refused_does_not_prolong_the_connection()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        SocketClient? refused = null;
        await Eventually.HoldsAsync("Ann is refused while her token lasts", async () =>
        {
            refused = await ConnectLateAsync(Ann, Bob);
            return await IsInTimeAsync(refused, async () =>
            {
                await refused.AuthAsync(TestNode.Mint(Bob));
                (await refused.NextAsync("error")).IsRefusal(40100, "auth");
            });
        });

        await using var ann = refused!;
        Assert.Equal(4401, await ann.ClosedAsync());
    }

    [Fact]
    public async Task A_renewed_token_may_end_earlier_than_the_one_before()
    {
        await using var talk = await TalkAsync();

        await Eventually.HoldsAsync("the token is taken before it ends", async () =>
        {
            await talk.Ann.AuthAsync(TestNode.Mint(Ann, TimeSpan.FromSeconds(-28)));
            return (await talk.Ann.ExpectAsync("its answer", frame => frame.Type is "authenticated" or "error")).Type == "authenticated";
        });

        Assert.Equal(4401, await talk.Ann.ClosedAsync());
    }

    [Theory]
    [InlineData("the one", false)]
    [InlineData("the other", false)]
    [InlineData("the one", true)]
    public async Task Ending_the_session_closes_both_sockets_with_4403_whichever_side_does_it(string side, bool newerHandshake)
    {
        await using var talk = await TalkAsync();

        if (newerHandshake)
        {
            await Node.Rest.AgreeAsync(Ann, Bob);
        }
        else
        {
            await (side == "the one" ? Node.Rest.EndAsync(Ann, Bob) : Other.Rest.EndAsync(Bob, Ann));
        }

        Assert.Equal(4403, await talk.Ann.ClosedAsync());
        Assert.Equal(4403, await talk.Bob.ClosedAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{"type":"no such type"}""")]
    [InlineData("""{"type":"msg","data":"x","session":"no session of mine"}""")]
    [InlineData("""{"type":"ack","seq":1}""")]
    public async Task More_bad_frames_in_a_minute_than_allowed_close_with_4429_and_all_are_answered(string bad)
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:BadFrames=5");
        await using var talk = await TalkAsync(node);
        for (var i = 0; i < 5; i++)
        {
            await talk.Ann.SendRawAsync(bad);
        }

        for (var i = 0; i < 5; i++)
        {
            await talk.Ann.NextAsync("error");
        }

        await talk.Ann.SendMsgAsync("still here", id: 1);
        await talk.Ann.NextAsync("sent");
        await talk.Ann.SendRawAsync(bad);

        Assert.Equal(4429, await talk.Ann.ClosedAsync());
        Assert.Equal(6, talk.Ann.Of("error").Count());
    }

    [Fact]
    public async Task A_gap_a_bad_token_and_haste_are_no_bad_frames()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:BadFrames=1", "--Limits:FramesPerSecond=5");
        await using var talk = await TalkAsync(node);
        await talk.Ann.SendMsgAsync("gap", id: 3);
        await talk.Ann.AuthAsync("nonsense");
        var sent = 2;
        await Eventually.HoldsAsync("the haste", async () =>
        {
            for (var i = 0; i < 20; i++, sent++)
            {
                await talk.Ann.SendMsgAsync("gap", id: 3);
            }

            await Eventually.HoldsAsync("every frame is answered", () => talk.Ann.Of("error").Count() == sent);
            return talk.Ann.Of("error").Any(frame => frame.Number("code") == 42900);
        });
        Assert.Equal([40902, 40100, 42900], talk.Ann.Of("error").Select(frame => frame.Number("code")).Distinct());
        await Eventually.HoldsAsync("a message is accepted again", async () =>
        {
            await talk.Ann.SendMsgAsync("one", id: 1);
            return talk.Ann.Of("sent").Any();
        });
    }

    [Fact]
    public async Task Acknowledgements_do_not_count_against_the_frame_rate()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:FramesPerSecond=1");
        await using var talk = await TalkAsync(node);
        await talk.Bob.SendMsgAsync("one", id: 1);
        await talk.Ann.NextAsync("msg");

        for (var i = 0; i < 200; i++)
        {
            await talk.Ann.AckAsync(1);
        }

        await talk.Ann.SendMsgAsync("one", id: 1);
        await talk.Ann.NextAsync("sent");
        Assert.Empty(talk.Ann.Of("error"));

        // And messages do: one a second, so that of two a second apart both may pass.
        await Eventually.HoldsAsync("the haste", async () =>
        {
            var next = talk.Ann.Of("sent").Max(frame => frame.Number("id")) + 1;
            await talk.Ann.SendMsgAsync("this may pass", next);
            await talk.Ann.SendMsgAsync("and this may not", next + 1);
            await Eventually.HoldsAsync("both are answered", () => talk.Ann.Of("sent").Count() + talk.Ann.Of("error").Count() == next + 1);
            return talk.Ann.Of("error").Any();
        });
        Assert.Equal([42900], talk.Ann.Of("error").Select(frame => frame.Number("code")).Distinct());
    }

    /// <summary>Connects with a token that is good for three seconds more; on a machine that is too slow for that, again.</summary>
    private async Task<SocketClient> ConnectLateAsync(long user, long peer)
    {
        SocketClient? late = null;
        await Eventually.HoldsAsync("a connection while the token lasts", async () =>
        {
            try
            {
                late = await SocketClient.ConnectReadyAsync(Node, user, peer, new Upgrade { Token = TestNode.Mint(user, TimeSpan.FromSeconds(-27)) });
                return true;
            }
            catch (Exception e) when (e is WebSocketException or FailException)
            {
                return false;
            }
        });
        return late!;
    }

    /// <summary>False: the machine was so slow that the client's token ended before this was done; the client is disposed.</summary>
    private static async Task<bool> IsInTimeAsync(SocketClient client, Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (Exception e) when (e is FailException || SocketClient.IsLoss(e))
        {
            Assert.Equal(4401, await client.ClosedAsync());
            await client.DisposeAsync();
            return false;
        }
    }

    private static IEnumerable<string> LinesOf(TestNode node) => node.Logs.Lines.Select(line => line.Text.Split('\n')[0]);

    public sealed class OnGarnet(GarnetNode node) : CloseCodeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : CloseCodeTests(nodes), IClassFixture<RedisNodes>;
}
