using System.Buffers.Text;
using System.Text;
using Im.Domain;
using Im.FuzzTests.Engine;

namespace Im.FuzzTests.Targets;

/// <summary>A public key, which the service only passes on; and, by the same text, a user id and a session id.</summary>
internal sealed class PublicKeyTarget : FuzzTarget
{
    public override string Name => "public-key";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[] { "-", "_", "+", "/", "=", "==", "\n", " ", "A", "BAAA", "é" }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 16_384 + (40L * length);

    public override int Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var outcome = 0;
        if (UserId.Parse(text) is { IsOk: true, Value: var user })
        {
            Holds(user.Number is >= 1 and <= UserId.MaxValue && user.ToString() == text, "A user id has another spelling.");
            outcome += 1;
        }

        if (SessionId.Parse(text) is { IsOk: true, Value: var session })
        {
            Holds(session.Hex == text && text.Length == SessionId.Length && session.ToString() == "[redacted]", "A session id has another spelling, or prints.");
            outcome += 2;
        }

        if (PublicKey.Parse(text) is not { IsOk: true, Value: var key })
        {
            return outcome;
        }

        var bytes = Base64Url.DecodeFromChars(key.Text);
        Holds(bytes.Length is >= 1 and <= PublicKey.MaxBytes, "It is too long, or empty.");
        Holds(Base64Url.EncodeToString(bytes) == key.Text, "It has two spellings.");
        Holds(key.Text.Length == text.Length && key.Text[..^1] == text[..^1], "It is another key.");
        Holds(PublicKey.Parse(key.Text).Value == key, "Its own spelling is another key.");
        return outcome + 4 + (text.Length % 4 * 8) + (key.Text == text ? 64 : 0);
    }
}
