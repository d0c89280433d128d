using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Plain mode, what the first clients speak: only <c>msg</c> goes in, only <c>msg</c> and <c>error</c> come out.</summary>
public abstract class PlainModeTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private static readonly Upgrade Plain = new() { V1 = false };

    [Fact]
    public async Task No_subprotocol_is_echoed_and_nothing_comes_but_messages_and_errors()
    {
        await using var talk = await TalkAsync(v1: false);
        Assert.Null(talk.Ann.Subprotocol);

        await talk.Ann.SendMsgAsync("one");
        await talk.Bob.NextAsync("msg");
        await talk.Bob.SendMsgAsync("two");
        await talk.Ann.NextAsync("msg");
        await Node.Rest.ExchangeAsync(Ann, Bob);
        await talk.Bob.CloseAsync();
        await using var again = await SocketClient.ConnectAsync(Other, Bob, Ann, Plain);
        await again.SendMsgAsync("three");
        await talk.Ann.NextAsync("msg");
        await talk.Ann.SettleAsync();

        Assert.Equal(["msg", "msg", "error"], talk.Ann.Frames.Select(frame => frame.Type));

        // Around a reconnect the last one may come twice.
        Assert.All(again.Frames, frame => Assert.Equal(("msg", "one", 1), (frame.Type, frame.Text("data"), frame.Number("seq"))));
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("signal")]
    [InlineData("auth")]
    [InlineData("presence")]
    public async Task Any_other_frame_is_of_an_unknown_type(string type)
    {
        await using var talk = await TalkAsync(v1: false);

        await talk.Ann.SendAsync(new { type, data = "x", seq = 0, token = "x" });

        (await talk.Ann.NextAsync()).IsRefusal(40003, null);
        await talk.Ann.SendMsgAsync("still here");
        Assert.Equal("still here", (await talk.Bob.NextAsync()).Text("data"));
    }

    [Fact]
    public async Task A_foreign_session_sender_or_recipient_is_ignored_and_the_real_ones_are_shown()
    {
        await using var talk = await TalkAsync(v1: false);

        await talk.Ann.SendAsync(new { type = "msg", data = "hello", from_user_id = "somebody", to_user_id = 7, session = 12 });

        var came = await talk.Bob.NextAsync("msg");
        Assert.Equal((Ann, Bob, talk.Agreed.Session), (came.Number("from_user_id"), came.Number("to_user_id"), came.Text("session")));
        Assert.Empty(talk.Ann.Frames);
    }

    [Fact]
    public async Task What_the_socket_took_counts_as_delivered_and_does_not_come_again()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using (var bob = await SocketClient.ConnectAsync(Other, Bob, Ann, Plain))
        {
            for (var id = 1; id <= 5; id++)
            {
                await ann.SendMsgAsync($"{id}", id);
            }

            await ann.ExpectAsync("delivered 5", frame => frame.Type == "delivered" && frame.Number("seq") == 5);
            await bob.ExpectAsync("the fifth", frame => frame.Number("seq") == 5);
        }

        // Sent before, it could go to the socket that Bob has just left, which may still take it.
        await using var again = await SocketClient.ConnectAsync(Node, Bob, Ann, Plain);
        await ann.SendMsgAsync("6", id: 6);
        Assert.Equal(6, (await again.NextAsync()).Number("seq"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""\u0041\/\"\\\n\ud83d\ude00""")]
    [InlineData("ünïcödé 😀")]
    public async Task Data_is_passed_on_byte_for_byte(string data)
    {
        await using var talk = await TalkAsync(v1: false);

        await talk.Ann.SendRawAsync($$"""{"type":"msg","data":"{{data}}"}""");

        var expected = Encoding.UTF8.GetBytes($"\"data\":\"{data}\",");
        Assert.True((await talk.Bob.NextAsync()).Raw.AsSpan().IndexOf(expected) >= 0);
    }

    [Fact]
    public async Task Plain_mode_and_im_v1_talk_to_each_other()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob);
        await using var bob = await SocketClient.ConnectAsync(Other, Bob, Ann, Plain);

        await ann.SendMsgAsync("with an id", id: 1);
        Assert.Equal(1, (await bob.NextAsync()).Number("id"));
        await bob.SendMsgAsync("without");
        Assert.False((await ann.NextAsync("msg")).Has("id"));
        await ann.SignalAsync("for nobody");
        await ann.SendMsgAsync("last", id: 2);
        await bob.ExpectAsync("the last", frame => frame.Number("seq") == 2);
        Assert.All(bob.Frames, frame => Assert.Equal("msg", frame.Type));
    }

    public sealed class OnGarnet(GarnetNode node) : PlainModeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : PlainModeTests(nodes), IClassFixture<RedisNodes>;
}
