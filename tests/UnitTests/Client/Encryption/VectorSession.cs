using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Im.Client.Encryption;
using Im.Client.KeyExchange;

namespace Im.UnitTests.Client.Encryption;

/// <summary>A session of the vectors: with a server key, or with the private keys of both sides.</summary>
internal sealed record VectorSession(string Name, string Session, long Lower, long Higher, byte[]? ImKey, byte[]? LowerPrivate, byte[]? HigherPrivate)
{
    public KeyPair? LowerKeys { get; } = LowerPrivate is null ? null : KeyPair.Of(LowerPrivate);

    public KeyPair? HigherKeys { get; } = HigherPrivate is null ? null : KeyPair.Of(HigherPrivate);

    public byte[] InputKey => ImKey ?? LowerKeys!.Agree(HigherKeys!.Public);

    public string S => SessionString.Of(Session, Lower, Higher, LowerKeys?.Public, HigherKeys?.Public);

    public long PeerOf(long user) => user == Lower ? Higher : Lower;

    /// <summary>What this user encrypts to the other one with.</summary>
    public DirectionCipher CipherOf(long sender) => new(InputKey, SessionString.SaltOf(S), Session, sender, PeerOf(sender));

    public JsonObject Message(long sender, long id, string text)
    {
        var place = id.ToString(CultureInfo.InvariantCulture);
        var nonce = Nonce(sender, place);
        using var cipher = CipherOf(sender);
        return new JsonObject
        {
            ["id"] = id,
            ["text"] = text,
            ["nonce"] = VectorFile.Hex(nonce),
            ["additional_data"] = $"{Session}|{sender}|{PeerOf(sender)}|{place}",
            ["data"] = cipher.Seal(VectorFile.Padded(Encoding.UTF8.GetBytes(text)), place, nonce),
        };
    }

    public JsonObject Signal(long sender, long counter, string text)
    {
        var nonce = Nonce(sender, $"signal {counter}");
        using var cipher = CipherOf(sender);
        return new JsonObject
        {
            ["counter"] = counter,
            ["text"] = text,
            ["nonce"] = VectorFile.Hex(nonce),
            ["additional_data"] = $"{Session}|{sender}|{PeerOf(sender)}|signal",
            ["data"] = cipher.Seal(VectorFile.Padded(Counted(counter, Encoding.UTF8.GetBytes(text))), SessionCipher.SignalPlace, nonce),
        };
    }

    public static byte[] Counted(long counter, byte[] text)
    {
        var content = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt64BigEndian(content, counter);
        text.CopyTo(content, 8);
        return content;
    }

    // The protocol's own example says which nonce; all others only have to differ.
    private byte[] Nonce(long sender, string place) => (Session, sender, place, ImKey?.Length) == (VectorSessions.ExampleSession, 9, "1", 32)
        ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        : SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}|{sender}|{place}"))[..DirectionCipher.NonceLength];
}
