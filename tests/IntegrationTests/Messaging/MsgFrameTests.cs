using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>The frames <c>msg</c> and <c>sent</c> of <c>im.v1</c>.</summary>
public abstract class MsgFrameTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task A_message_arrives_with_its_real_sender_its_recipient_its_session_its_seq_and_a_time()
    {
        await using var talk = await TalkAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        await talk.Ann.SendAsync(new { type = "msg", data = "hello", id = 1, to_user_id = Bob, from_user_id = Ann, session = talk.Agreed.Session, colour = "ignored" });

        var sent = await talk.Ann.NextAsync("sent");
        Assert.Equal("""{"type":"sent","id":1,"seq":1}""", sent.ToString());
        var came = await talk.Bob.NextAsync("msg");
        Assert.Equal(("hello", Ann, Bob, talk.Agreed.Session), (came.Text("data"), came.Number("from_user_id"), came.Number("to_user_id"), came.Text("session")));
        Assert.Equal((1L, 1L), (came.Number("seq"), came.Number("id")));
        Assert.InRange(came.Number("sent_at"), before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Without_an_id_neither_the_message_nor_sent_has_one()
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SendMsgAsync("one");
        await talk.Ann.SendMsgAsync("two");

        Assert.Equal("""{"type":"sent","seq":1}""", (await talk.Ann.NextAsync("sent")).ToString());
        Assert.Equal("""{"type":"sent","seq":2}""", (await talk.Ann.NextAsync("sent")).ToString());
        Assert.False((await talk.Bob.NextAsync("msg")).Has("id"));
    }

    [Fact]
    public async Task Sent_comes_in_the_order_of_sending()
    {
        await using var talk = await TalkAsync();

        for (var id = 1; id <= 100; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
        }

        await talk.Ann.SettleAsync();
        Assert.Equal(Enumerable.Range(1, 100).Select(id => ((long)id, (long)id)), talk.Ann.Of("sent").Select(frame => (frame.Number("id"), frame.Number("seq"))));
    }

    [Fact]
    public async Task A_repeated_id_is_answered_sent_as_a_duplicate_and_not_relayed_again()
    {
        await using var talk = await TalkAsync();
        await talk.Ann.SendMsgAsync("one", id: 1);
        await talk.Ann.SendMsgAsync("two", id: 2);

        await talk.Ann.SendMsgAsync("one again", id: 1);
        await talk.Ann.SendMsgAsync("three", id: 3);

        var repeated = await talk.Ann.ExpectAsync("a duplicate", frame => frame.Type == "sent" && frame.Has("duplicate"));
        Assert.Equal((1L, 1L, true), (repeated.Number("id"), repeated.Number("seq"), repeated.Json.GetProperty("duplicate").GetBoolean()));
        await talk.Bob.ExpectAsync("three", frame => frame.Type == "msg" && frame.Text("data") == "three");
        Assert.Equal(["one", "two", "three"], talk.Bob.Of("msg").Select(frame => frame.Text("data")));
        Assert.Equal([1, 2, 3], talk.Bob.Seqs());
    }

    [Fact]
    public async Task An_id_that_skips_one_is_refused_with_the_expected_one_and_no_later_one_overtakes_it()
    {
        await using var talk = await TalkAsync();
        await talk.Ann.SendMsgAsync("one", id: 1);

        await talk.Ann.SendMsgAsync("three", id: 3);
        await talk.Ann.SendMsgAsync("four", id: 4);
        await talk.Ann.SendMsgAsync("largest", id: 9007199254740991);

        foreach (var id in new[] { 3, 4, 9007199254740991 })
        {
            var refused = (await talk.Ann.NextAsync("error")).IsRefusal(40902, "msg");
            Assert.Equal((id, 2L), (refused.Number("id"), refused.Number("expected")));
        }

        await talk.Ann.SendMsgAsync("two", id: 2);
        await talk.Bob.ExpectAsync("two", frame => frame.Type == "msg" && frame.Number("id") == 2);
        Assert.Equal(["one", "two"], talk.Bob.Of("msg").Select(frame => frame.Text("data")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_user_does_not_mix_messages_with_and_without_an_id_but_the_peer_may_do_the_other(bool idFirst)
    {
        await using var talk = await TalkAsync();
        await talk.Ann.SendMsgAsync("first", idFirst ? 1 : null);
        await talk.Ann.NextAsync("sent");

        await talk.Ann.SendMsgAsync("second", idFirst ? null : 1);

        (await talk.Ann.NextAsync("error")).IsRefusal(40002, "msg");
        await talk.Bob.SendMsgAsync("the other way", idFirst ? null : 1);
        await talk.Bob.NextAsync("sent");
        await talk.Ann.NextAsync("msg");
        Assert.Equal(["first"], talk.Bob.Of("msg").Select(frame => frame.Text("data")));
    }

    [Theory]
    [InlineData("to_user_id", 7)]
    [InlineData("from_user_id", 7)]
    [InlineData("session", "00000000000000000000000000000000")]
    public async Task A_foreign_recipient_sender_or_session_is_refused(string field, object value)
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SendAsync(new Dictionary<string, object> { ["type"] = "msg", ["data"] = "no", ["id"] = 1, [field] = value });

        var refused = (await talk.Ann.NextAsync("error")).IsRefusal(40302, "msg");
        Assert.Equal(1, refused.Number("id"));
        await talk.Ann.SendMsgAsync("yes", id: 1);
        Assert.Equal("yes", (await talk.Bob.NextAsync("msg")).Text("data"));
    }

    [Theory]
    [InlineData("", 40002, null)]
    [InlineData("hello", 40002, null)]
    [InlineData("[]", 40002, null)]
    [InlineData("{}", 40002, null)]
    [InlineData("""{"type":"msg","data":"x"} {}""", 40002, null)]
    [InlineData("""{"type":"msg","type":"msg","data":"x"}""", 40002, null)]
    [InlineData("""{"type":"msg","data":"x","unknown":1,"unknown":1}""", 40002, null)]
    [InlineData("""{"type":"msg"}""", 40002, "msg")]
    [InlineData("""{"type":"msg","data":1}""", 40002, "msg")]
    [InlineData("""{"type":"msg","data":"x","id":0}""", 40002, "msg")]
    [InlineData("""{"type":"msg","data":"x","id":"1"}""", 40002, "msg")]
    [InlineData("""{"type":"msg","data":"x","id":9007199254740992}""", 40002, "msg")]
    [InlineData("""{"type":"ack"}""", 40002, "ack")]
    [InlineData("""{"type":"ack","seq":-1}""", 40002, "ack")]
    [InlineData("""{"type":"signal"}""", 40002, "signal")]
    [InlineData("""{"type":"auth"}""", 40002, "auth")]
    [InlineData("""{"type":"ready"}""", 40003, null)]
    [InlineData("""{"type":"MSG","data":"x"}""", 40003, null)]
    public async Task A_malformed_or_unknown_frame_is_refused_and_the_connection_stays(string frame, int code, string? of)
    {
        await using var talk = await TalkAsync();

        await talk.Ann.SendRawAsync(frame);

        (await talk.Ann.NextAsync("error")).IsRefusal(code, of);
        await talk.Ann.SendMsgAsync("still here", id: 1);
        Assert.Equal("still here", (await talk.Bob.NextAsync("msg")).Text("data"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""\u0041\/\"\\\n\ud83d\ude00""")]
    [InlineData("ünïcödé 😀 \u2028")]
    [InlineData("""</script>'&+""")]
    public async Task Data_is_passed_on_byte_for_byte_as_it_stood_between_its_quotes(string data)
    {
        await using var talk = await TalkAsync();

        // One after the other: a signal may overtake a message.
        var expected = Encoding.UTF8.GetBytes($"\"data\":\"{data}\",");
        foreach (var type in new[] { "msg", "signal" })
        {
            await talk.Ann.SendRawAsync($$"""{ "data" : "{{data}}" , "type" : "{{type}}" }""");
            Assert.True((await talk.Bob.NextAsync(type)).Raw.AsSpan().IndexOf(expected) >= 0, type);
        }
    }

    public sealed class OnGarnet(GarnetNode node) : MsgFrameTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : MsgFrameTests(nodes), IClassFixture<RedisNodes>;
}
