using System.Text;
using CsCheck;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class FrameReaderLawTests
{
    private static readonly string[] Frames =
    [
        """{"type":"msg","data":"h\u00e9\n","id":7,"to_user_id":10,"from_user_id":9,"session":"0f"}""",
        """{"type":"ack","seq":17,"mood":{"a":[1,2]}}""",
        """{"type":"signal","data":""}""",
        """{"type":"auth","token":"a.b.c"}""",
    ];

    private static readonly Gen<byte[]> AnyBytes = Gen.Byte.Array[0, 200];

    private static readonly Gen<byte[]> AnyJsonLikeText = AnyOf(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "1", "-", "e9", ".5", " ", "\uFEFF", "é",
        "\"type\"", "\"msg\"", "\"ack\"", "\"data\"", "\"id\"", "\"seq\"", "\"session\"", "\"\\u0074ype\"", "9007199254740992")
        .Array[0, 30].Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));

    private static readonly Gen<byte[]> AnyDamagedFrame = Gen.Select(
        AnyOf(Frames), Gen.Select(Gen.Int[0, 90], Gen.Byte, Gen.Int[0, 2]).Array[1, 4], Damage);

    /// <summary>What may stand between the quotes: characters as they are, escapes, halves of surrogate pairs escaped.</summary>
    private static readonly Gen<string> AnyData = Gen.OneOf(
        Gen.Char.Where(c => c >= ' ' && c is not ('"' or '\\') && !char.IsSurrogate(c)).Select(c => c.ToString()),
        AnyOf("\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u0000", "\\ud83d\\ude00", "\\ud800", "😀"))
        .Array[0, 50].Select(string.Concat);

    [Fact]
    public void Whatever_the_bytes_reading_never_throws() =>
        Gen.Select(Gen.OneOf(AnyBytes, AnyJsonLikeText, AnyDamagedFrame), Gen.Bool).Sample(
            (bytes, plain) => FrameReader.Read(bytes, plain, out _) is null or { Number: 40002 or 40003 }, iter: 20_000);

    [Fact]
    public void Whatever_stood_between_the_quotes_comes_out_byte_for_byte() =>
        Gen.Select(AnyData, Gen.Bool, Gen.Bool).Sample((data, plain, dataFirst) =>
        {
            var written = Encoding.UTF8.GetBytes(data);
            var text = Encoding.UTF8.GetBytes(
                dataFirst ? $$"""{"data" :"{{data}}","type":"msg"}""" : $$"""{"é":"{{data}}","type":"msg", "data": "{{data}}"}""");
            if (FrameReader.Read(text, plain, out var frame) is not null)
            {
                return false;
            }

            var body = FrameWriter.MessageBody(text.AsSpan()[frame.Data], Talk.Ann, Talk.Now, null);
            return body.AsSpan().StartsWith([.. "{\"type\":\"msg\",\"data\":\""u8, .. written, .. "\",\"from_user_id\""u8]);
        });

    private static Gen<string> AnyOf(params string[] words) => Gen.OneOf(words.Select(Gen.Const).ToArray());

    private static byte[] Damage(string frame, (int At, byte By, int How)[] damages)
    {
        var bytes = Encoding.UTF8.GetBytes(frame).ToList();
        foreach (var (at, by, how) in damages)
        {
            var index = at % bytes.Count;
            switch (how)
            {
                case 0: bytes[index] = by; break;
                case 1: bytes.Insert(index, by); break;
                default: bytes.RemoveAt(index); break;
            }
        }

        return [.. bytes];
    }
}
