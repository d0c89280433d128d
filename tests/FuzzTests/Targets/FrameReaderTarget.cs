using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Im.Domain;
using Im.FuzzTests.Engine;
using Im.WebApi.Messaging;

namespace Im.FuzzTests.Targets;

/// <summary>A client's text frame, in both modes, beside a slow reader of the same rules that builds the whole object.</summary>
internal sealed class FrameReaderTarget : FuzzTarget
{
    private const int Malformed = 40002, UnknownType = 40003;

    private static readonly Attachment Ann = Attachment.Of(new Session(PairKey.Of(UserId.Of(9).Value, UserId.Of(10).Value).Value, SessionId.Generate()), UserId.Of(9).Value, epoch: 1);

    private static readonly string[] Passed = ["type", "data", "from_user_id", "to_user_id", "session", "sent_at", "id", "seq"];

    public override string Name => "frame";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "\"type\":", "\"msg\"", "\"ack\"", "\"signal\"", "\"auth\"", "\"data\":\"", "\"id\":", "\"seq\":", "\"session\":", "\"token\":", "\"to_user_id\":",
        "\"from_user_id\":", "\\u0000", "\\ud800", "\\\"", "\\u0074ype", "null", "true", "{", "}", "[", "]", "\"a\":", ",", "\uFEFF", "{\"a\":1},",
    }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 8_192 + (400L * length);

    public override int Run(byte[] input) => (Read(input, plain: false) * 31) + Read(input, plain: true);

    private static int Read(byte[] text, bool plain)
    {
        var fault = FrameReader.Read(text, plain, out var frame);
        var expected = SlowFrameReader.Read(text, plain);
        Holds(fault?.Number == expected, $"It was refused with {fault?.Number}, and by the slow reader with {expected} (plain: {plain}).");
        Holds(fault is null or { Number: Malformed or UnknownType }, $"The refusal {fault?.Number} is none of a frame.");
        Holds(fault?.Id is null or (>= 1 and <= UserId.MaxValue) || fault.Value.Of is "msg", "The refusal names an id that is none.");
        if (fault is not null)
        {
            return (fault.Value.Number * 31) + fault.Value.Sentence.Length + (fault.Value.Of?.Length ?? 0) + (fault.Value.Id is null ? 1000 : 0);
        }

        Holds(frame.Id is null or (>= 1 and <= UserId.MaxValue), "The id is out of its range.");
        Holds(frame.Seq is >= 0 and <= UserId.MaxValue, "The seq is out of its range.");
        Holds(!frame.ToString().Contains(frame.Token ?? "\0", StringComparison.Ordinal) || frame.Token!.Length < 12, "The frame prints its token.");
        if (frame.Type is FrameType.Msg or FrameType.Signal)
        {
            Pass(text, frame);
        }

        return ((int)frame.Type * 64) + (frame.Id is null ? 0 : 1) + (frame.ToUserId is null ? 0 : 2) + (frame.FromUserId is null ? 0 : 4) + (frame.Session is null ? 0 : 8)
            + (frame.Token is null ? 0 : 16) + (frame.Data.End.Value > frame.Data.Start.Value ? 32 : 0);
    }

    /// <summary>What goes on to the peer is one object with exactly the relay's fields, and the data as it was written.</summary>
    private static void Pass(byte[] text, in ClientFrame frame)
    {
        var data = text.AsSpan()[frame.Data];
        Holds(text[frame.Data.Start.Value - 1] is (byte)'"' && text[frame.Data.End.Value] is (byte)'"', "The data does not stand between quotes.");
        if (!Utf8.IsValid(text))
        {
            return; // A socket's text frame is valid UTF-8; the platform closes with 1007 before it is read.
        }

        var passed = frame.Type is FrameType.Msg ? Completed(FrameWriter.MessageBody(data, Ann, DateTimeOffset.UnixEpoch, frame.Id)) : FrameWriter.Signal(data, Ann.User);
        using var document = JsonDocument.Parse(passed, new JsonDocumentOptions { AllowDuplicateProperties = false });
        var fields = document.RootElement.EnumerateObject().ToList();
        Holds(fields.All(field => Passed.Contains(field.Name)), "What is passed on has a field that the relay did not write.");
        Holds(fields.Single(field => field.NameEquals("from_user_id")).Value.GetInt64() == 9, "What is passed on names another sender.");
        Holds(Encoding.UTF8.GetString(data) == fields.Single(field => field.NameEquals("data")).Value.GetRawText()[1..^1], "The data is not passed on as it was written.");
    }

    private static byte[] Completed(byte[] body)
    {
        var frame = new byte[body.Length + FrameWriter.SeqLength];
        return frame[..FrameWriter.Message(body, 1, frame)];
    }
}
