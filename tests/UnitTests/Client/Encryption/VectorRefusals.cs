using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Im.Client.Encryption;

namespace Im.UnitTests.Client.Encryption;

/// <summary>What every client must refuse.</summary>
internal static class VectorRefusals
{
    private static readonly VectorSession Session = VectorSessions.All[1];

    public static JsonArray Messages()
    {
        var good = Session.Message(9, 1, "hello")["data"]!.GetValue<string>();
        var reflected = Session.Message(10, 1, "hello")["data"]!.GetValue<string>();
        var bytes = Base64Url.DecodeFromChars(good);
        return new JsonArray(
            Message("the last bit of the tag is another one", Flipped(bytes, bytes.Length - 1)),
            Message("the first bit of the nonce is another one", Flipped(bytes, 0)),
            Message("a bit of the ciphertext is another one", Flipped(bytes, 20)),
            Message("it was encrypted for another id", good, id: 2),
            Message("it was encrypted in the other direction", reflected),
            Message("it is a signal", Session.Signal(9, 1, "hello")["data"]!.GetValue<string>()),
            Message("it is of another session", VectorSessions.All[0].Message(9, 1, "hello")["data"]!.GetValue<string>()),
            Message("it is empty", ""),
            Message("it is a nonce and no whole tag", Base64Url.EncodeToString(bytes.AsSpan(0, 27))),
            Message("its end is cut off", good[..^4]),
            Message("it has padding of base64", good + "="),
            Message("its last character has bits left over", WithBitsLeftOver(good)),
            Message("it is base64 and not base64url", Convert.ToBase64String(bytes).TrimEnd('=')),
            Message("it has white space", " " + good),
            Message("the plaintext is empty", Sealed([])),
            Message("the plaintext is all zeros", Sealed(new byte[256])),
            Message("the padding does not begin with 0x80", Sealed([.. "hello"u8, 1, .. new byte[250]])),
            Message("the padding has a byte that is not zero", Sealed([.. "hello"u8, 0x80, .. new byte[249], 1])),
            Message("the plaintext is no multiple of 256 bytes", Sealed([.. "hello"u8, 0x80, .. new byte[249]])),
            Message("the text is not UTF-8", Sealed(VectorFile.Padded([0xC3, 0x28]))));

        static JsonObject Message(string why, string data, long id = 1) =>
            new() { ["why"] = why, ["session"] = Session.Name, ["from"] = 9, ["to"] = 10, ["id"] = id, ["data"] = data };
    }

    public static JsonArray Signals()
    {
        return new JsonArray(
            Signal("a bit is another one", Flipped(Base64Url.DecodeFromChars(Session.Signal(9, 1, "hello")["data"]!.GetValue<string>()), 20)),
            Signal("it is a message", Session.Message(9, 1, "a message's text")["data"]!.GetValue<string>()),
            Signal("it was sent in the other direction", Session.Signal(10, 1, "hello")["data"]!.GetValue<string>()),
            Signal("it has no whole counter", Sealed(VectorFile.Padded(new byte[7]), SessionCipher.SignalPlace)),
            Signal("the padding does not begin with 0x80", Sealed([.. VectorSession.Counted(1, "hello"u8.ToArray()), 1, .. new byte[242]], SessionCipher.SignalPlace)));

        static JsonObject Signal(string why, string data) =>
            new() { ["why"] = why, ["session"] = Session.Name, ["from"] = 9, ["to"] = 10, ["data"] = data };
    }

    public static JsonArray PublicKeys()
    {
        var own = Session.LowerKeys!.Public.Text;
        var bytes = Base64Url.DecodeFromChars(Session.HigherKeys!.Public.Text);
        return new JsonArray(
            Key("it is empty", []),
            Key("it has 64 bytes", bytes[..64]),
            Key("it has 66 bytes", [.. bytes, 0]),
            Key("it is a compressed point", [(byte)(2 + (bytes[64] & 1)), .. bytes[1..33]]),
            Key("its first byte is 6", [6, .. bytes[1..]]),
            Key("its first byte is 0", [0, .. bytes[1..]]),
            Key("it is not on the curve", [.. bytes[..64], (byte)(bytes[64] ^ 1)]),
            Key("it is the point (0, 0)", [4, .. new byte[64]]),
            Key("its x is higher than the field's prime", NotReduced()),
            Key("it is the client's own", Base64Url.DecodeFromChars(own)));

        JsonObject Key(string why, byte[] key) => new() { ["why"] = why, ["own_public_key"] = own, ["peer_public_key"] = Base64Url.EncodeToString(key) };
    }

    private static string Flipped(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= at == 0 ? (byte)0x80 : (byte)1;
        return Base64Url.EncodeToString(flipped);
    }

    // 284 bytes leave four bits of the last character unused; the encoder leaves them zero.
    private static string WithBitsLeftOver(string data)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return data[..^1] + Alphabet[Alphabet.IndexOf(data[^1], StringComparison.Ordinal) + 1];
    }

    private static string Sealed(byte[] padded, string place = "1")
    {
        var nonce = SHA256.HashData([.. Encoding.UTF8.GetBytes($"refused|{place}|"), .. padded])[..DirectionCipher.NonceLength];
        using var cipher = Session.CipherOf(9);
        return cipher.Seal(padded, place, nonce);
    }

    /// <summary>A point of the curve whose x stands there with the prime added: another spelling of the same point.</summary>
    private static byte[] NotReduced()
    {
        var p = BigInteger.Parse("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var b = BigInteger.Parse("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (BigInteger x = 1; ; x++)
        {
            var square = ((BigInteger.ModPow(x, 3, p) - (3 * x) + b) % p + p) % p;
            var y = BigInteger.ModPow(square, (p + 1) / 4, p);
            if (y * y % p == square)
            {
                return [4, .. Bytes(x + p), .. Bytes(y)];
            }
        }

        static byte[] Bytes(BigInteger number)
        {
            var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[32 - bytes.Length], .. bytes];
        }
    }
}
