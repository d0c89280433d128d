using System.Text;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class FrameReaderTests
{
    private const int Malformed = 40002, UnknownType = 40003;

    [Fact]
    public void A_message_is_read_whole()
    {
        const string text = """{"type":"msg","data":"hi","id":7,"to_user_id":10,"from_user_id":9,"session":"s"}""";

        var frame = Accepted(text);

        Assert.Equal((FrameType.Msg, "hi", 7L, 10L, 9L, "s"), (frame.Type, Data(text, frame), frame.Id, frame.ToUserId, frame.FromUserId, frame.Session));
    }

    [Fact]
    public void Of_a_message_only_its_data_is_required()
    {
        const string text = """{"data":"hi","type":"msg"}""";

        var frame = Accepted(text);

        Assert.Equal(("hi", null, null, null, null), (Data(text, frame), frame.Id, frame.ToUserId, frame.FromUserId, frame.Session));
    }

    [Fact]
    public void An_acknowledgement_a_signal_and_a_token_are_read()
    {
        const string signal = """{"type":"signal","data":"ring"}""";

        Assert.Equal((FrameType.Ack, 17L), (Accepted("""{"type":"ack","seq":17}""").Type, Accepted("""{"type":"ack","seq":17}""").Seq));
        Assert.Equal((FrameType.Signal, "ring"), (Accepted(signal).Type, Data(signal, Accepted(signal))));
        Assert.Equal((FrameType.Auth, "t.o.k"), (Accepted("""{"type":"auth","token":"t.o.k"}""").Type, Accepted("""{"type":"auth","token":"t.o.k"}""").Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"msg\"")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"type":"msg","data":"x"}{}""")]
    [InlineData("""{"type":"msg","data":"x"} x""")]
    [InlineData("""{"type":"msg","data":"x",}""")]
    [InlineData("""{"type":"msg","data":"x"/* */}""")]
    [InlineData("""{'type':'msg','data':'x'}""")]
    [InlineData("""{"type":7,"data":"x"}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"data":"x"}""")]
    [InlineData("""{"type":"msg"}""")]
    [InlineData("""{"type":"msg","data":7}""")]
    [InlineData("""{"type":"msg","data":null}""")]
    [InlineData("""{"type":"msg","data":{"x":"y"}}""")]
    [InlineData("""{"type":"msg","data":"x","to_user_id":"10"}""")]
    [InlineData("""{"type":"msg","data":"x","to_user_id":1.5}""")]
    [InlineData("""{"type":"msg","data":"x","from_user_id":null}""")]
    [InlineData("""{"type":"msg","data":"x","session":7}""")]
    [InlineData("""{"type":"msg","data":"x","session":null}""")]
    [InlineData("""{"type":"ack"}""")]
    [InlineData("""{"type":"ack","seq":"1"}""")]
    [InlineData("""{"type":"ack","seq":-1}""")]
    [InlineData("""{"type":"ack","seq":1.5}""")]
    [InlineData("""{"type":"ack","seq":9007199254740992}""")]
    [InlineData("""{"type":"signal"}""")]
    [InlineData("""{"type":"signal","data":[]}""")]
    [InlineData("""{"type":"auth"}""")]
    [InlineData("""{"type":"auth","token":7}""")]
    public void What_is_no_frame_is_malformed(string text) => Assert.Equal(Malformed, Refused(text).Number);

    [Theory]
    [InlineData("""{"type":"msg","type":"msg","data":"x"}""")]
    [InlineData("""{"type":"msg","\u0074ype":"msg","data":"x"}""")]
    [InlineData("""{"type":"msg","data":"x","d\u0061ta":"y"}""")]
    [InlineData("""{"type":"msg","data":"x","seq":1,"seq":1}""")]
    [InlineData("""{"type":"msg","data":"x","mood":1,"mood":2}""")]
    [InlineData("""{"type":"msg","data":"x","mood":1,"m\u006fod":2}""")]
    public void A_field_given_twice_is_malformed_however_its_name_is_spelled(string text)
    {
        Assert.Equal(Malformed, Refused(text).Number);
        Assert.Equal(Malformed, Refused(text, plain: true).Number);
    }

    [Theory]
    [InlineData("""{"type":"hello"}""")]
    [InlineData("""{"type":""}""")]
    [InlineData("""{"type":"MSG","data":"x"}""")]
    [InlineData("""{"type":"sent","seq":1}""")]
    public void Another_type_is_unknown(string text) => Assert.Equal(UnknownType, Refused(text).Number);

    [Theory]
    [InlineData("""{"type":"msg","data":"x","mood":{"type":1,"data":[{"type":2,"type":3}]},"n":[[1]],"z":null}""")]
    [InlineData("""{"mood":"\ud800","type":"msg","data":"x"}""")]
    [InlineData("""{"type":"msg","data":"x","seq":"not this type's","token":[1]}""")]
    [InlineData("""{"type":"msg","data":"x","token":"\ud800"}""")]
    [InlineData("""{"Type":"ack","type":"msg","data":"x"}""")]
    public void Fields_that_the_type_does_not_have_are_ignored(string text) => Assert.Equal("x", Data(text, Accepted(text)));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("9007199254740991", 9007199254740991)]
    public void An_id_is_1_to_2_to_the_53_less_1(string id, long expected) => Assert.Equal(expected, Accepted(WithId(id)).Id);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("9007199254740992")]
    [InlineData("9223372036854775808")]
    [InlineData("1.0")]
    [InlineData("1e2")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    [InlineData("[1]")]
    public void Any_other_id_is_malformed(string id)
    {
        Assert.Equal((Malformed, "msg"), (Refused(WithId(id)).Number, Refused(WithId(id)).Of));
        Assert.Equal(Malformed, Refused(WithId(id), plain: true).Number);
    }

    [Fact]
    public void A_refusal_says_which_frame_it_was_where_that_could_be_read()
    {
        Assert.Equal(("msg", 7L), (Refused("""{"type":"msg","id":7}""").Of, Refused("""{"type":"msg","id":7}""").Id));
        Assert.Equal("ack", Refused("""{"type":"ack"}""").Of);
        Assert.Null(Refused("""{"type":"hello","id":7}""").Of);
    }

    [Theory]
    [InlineData("")]
    [InlineData("é\u2028😀")]
    [InlineData("""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""")]
    [InlineData("""\ud800""")]
    public void Data_stays_as_it_was_written(string data)
    {
        var text = $$"""{"type" : "msg" , "data" : "{{data}}" }""";

        Assert.Equal(data, Data(text, Accepted(text)));
    }

    [Theory]
    [InlineData("""{"type":"ack","seq":1}""")]
    [InlineData("""{"type":"signal","data":"x"}""")]
    [InlineData("""{"type":"auth","token":"t"}""")]
    public void In_plain_mode_only_messages_go_in(string text) => Assert.Equal(UnknownType, Refused(text, plain: true).Number);

    [Theory]
    [InlineData("11", "12", "\"another\"")]
    [InlineData("\"10\"", "1.5", "7")]
    [InlineData("null", "[9]", "{\"a\":1}")]
    [InlineData("true", "{}", "\"\\ud800\"")]
    public void In_plain_mode_session_sender_and_recipient_are_ignored_whatever_they_are(string to, string from, string session)
    {
        var text = $$"""{"type":"msg","to_user_id":{{to}},"from_user_id":{{from}},"session":{{session}},"data":"x"}""";

        var frame = Accepted(text, plain: true);

        Assert.Equal(("x", null, null, null), (Data(text, frame), frame.ToUserId, frame.FromUserId, frame.Session));
    }

    [Fact]
    public void A_frame_prints_no_field() =>
        Assert.Equal("ClientFrame Auth", Accepted("""{"type":"auth","token":"secret","session":"secret"}""").ToString());

    private static string WithId(string id) => $$"""{"type":"msg","data":"x","id":{{id}}}""";

    private static string Data(string text, ClientFrame frame) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)[frame.Data]);

    private static ClientFrame Accepted(string text, bool plain = false)
    {
        Assert.Null(FrameReader.Read(Encoding.UTF8.GetBytes(text), plain, out var frame));
        return frame;
    }

    private static FrameFault Refused(string text, bool plain = false) =>
        Assert.NotNull(FrameReader.Read(Encoding.UTF8.GetBytes(text), plain, out _));
}
