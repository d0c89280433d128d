using System.Text;
using System.Text.Json;
using CsCheck;
using Im.Domain;
using Im.UnitTests.Domain;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class FrameWriterTests
{
    private const string Session = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Each_frame_has_the_fields_of_the_protocol()
    {
        Assert.Equal("""{"type":"signal","data":"ring","from_user_id":9}""", Text(FrameWriter.Signal("ring"u8, Some.Ann)));
        Assert.Equal("""{"type":"sent","seq":5}""", Text(FrameWriter.Sent(null, 5, duplicate: false)));
        Assert.Equal("""{"type":"sent","id":5,"seq":5}""", Text(FrameWriter.Sent(5, 5, duplicate: false)));
        Assert.Equal("""{"type":"sent","id":5,"seq":5,"duplicate":true}""", Text(FrameWriter.Sent(5, 5, duplicate: true)));
        Assert.Equal("""{"type":"delivered","seq":4}""", Text(FrameWriter.Delivered(4)));
        Assert.Equal($$"""{"type":"ready","session":"{{Session}}","seq":3,"last_id":2,"delivered":1}""", Text(FrameWriter.Ready(Talk.Session.Id, 3, 2, 1)));
        Assert.Equal("""{"type":"presence","user_id":10,"online":true}""", Text(FrameWriter.Presence(Some.Bob, true)));
        Assert.Equal("""{"type":"presence","user_id":10,"online":false}""", Text(FrameWriter.Presence(Some.Bob, false)));
        Assert.Equal("""{"type":"handshake","user_id":10}""", Text(FrameWriter.Handshake(Some.Bob)));
        Assert.Equal("""{"type":"authenticated","expires_at":1900000000000}""", Text(FrameWriter.Authenticated(Talk.Now)));
        Assert.Equal("""{"type":"error","code":40002,"error":"Why."}""", Text(FrameWriter.Error(new FrameFault(40002, "Why."))));
        Assert.Equal(
            """{"type":"error","code":40902,"error":"Why.","id":7,"expected":5,"of":"msg"}""",
            Text(FrameWriter.Error(new FrameFault(40902, "Why.", "msg", 7), 5)));
    }

    [Fact]
    public void A_message_is_complete_with_its_seq()
    {
        Assert.Equal(
            $$"""{"type":"msg","data":"hi","from_user_id":9,"to_user_id":10,"session":"{{Session}}","sent_at":1900000000000,"seq":5}""",
            Message("hi", Talk.Ann, null, 5));
        Assert.Equal(
            $$"""{"type":"msg","data":"","from_user_id":9,"to_user_id":10,"session":"{{Session}}","sent_at":1900000000000,"id":7,"seq":9007199254740991}""",
            Message("", Talk.Ann, 7, UserId.MaxValue));
    }

    [Fact]
    public void An_error_is_JSON_whatever_its_sentence() => Gen.String.Where(sentence => !sentence.Any(char.IsSurrogate)).Sample(sentence =>
        JsonDocument.Parse(FrameWriter.Error(new FrameFault(1, sentence))).RootElement.GetProperty("error").GetString() == sentence);

    [Fact]
    public void The_largest_numbers_are_written_whole()
    {
        foreach (var frame in new[]
        {
            FrameWriter.Signal("x"u8, Some.User(UserId.MaxValue)),
            FrameWriter.Sent(UserId.MaxValue, UserId.MaxValue, duplicate: true),
            FrameWriter.Ready(Talk.Session.Id, UserId.MaxValue, UserId.MaxValue, UserId.MaxValue),
            FrameWriter.Error(new FrameFault(40902, "Why.", "msg", UserId.MaxValue), UserId.MaxValue),
        })
        {
            using var json = JsonDocument.Parse(frame);
            Assert.Contains(json.RootElement.EnumerateObject(), field => field.Value.ValueKind is JsonValueKind.Number && field.Value.GetInt64() == UserId.MaxValue);
        }
    }

    [Fact]
    public void A_servers_frame_is_at_most_512_bytes_longer_than_the_clients()
    {
        var pair = PairKey.Of(Some.User(UserId.MaxValue), Some.User(UserId.MaxValue - 1)).Value;
        var sender = Attachment.Of(new Session(pair, SessionId.Generate()), pair.Lower, 1);
        var shortest = """{"type":"msg","data":"x"}""".Length;

        var frame = Message("x", sender, UserId.MaxValue, UserId.MaxValue, DateTimeOffset.MaxValue);

        Assert.InRange(frame.Length - shortest, 1, 512);
        Assert.Equal(UserId.MaxValue, JsonDocument.Parse(frame).RootElement.GetProperty("seq").GetInt64());
    }

    [Fact]
    public void Completing_a_message_never_takes_more_room_than_is_set_aside() => Gen.Long[1, UserId.MaxValue].Sample(seq =>
        FrameWriter.Message([], seq, new byte[FrameWriter.SeqLength]) <= FrameWriter.SeqLength);

    private static string Text(byte[] frame) => Encoding.UTF8.GetString(frame);

    private static string Message(string data, Attachment sender, long? id, long seq, DateTimeOffset? at = null)
    {
        var body = FrameWriter.MessageBody(Encoding.UTF8.GetBytes(data), sender, at ?? Talk.Now, id);
        var buffer = new byte[body.Length + FrameWriter.SeqLength];
        return Encoding.UTF8.GetString(buffer, 0, FrameWriter.Message(body, seq, buffer));
    }
}
