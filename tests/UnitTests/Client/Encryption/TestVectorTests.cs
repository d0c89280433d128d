using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Im.Client.Encryption;
using Im.Client.KeyExchange;

namespace Im.UnitTests.Client.Encryption;

/// <summary>The client reads the vectors as everyone else does: by what stands in the file.</summary>
public sealed class TestVectorTests
{
    private static readonly JsonElement File = JsonElement.Parse(VectorFile.Read());

    public static TheoryData<string> Sessions => [.. File.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("name").GetString()!)];

    public static TheoryData<string> RefusedMessages => Whys("refused_messages");

    public static TheoryData<string> RefusedSignals => Whys("refused_signals");

    public static TheoryData<string> RefusedPublicKeys => Whys("refused_public_keys");

    [Theory]
    [MemberData(nameof(Sessions))]
    public void The_recipient_decrypts_every_message_and_signal_and_sees_the_safety_number(string name)
    {
        var session = Session(name);
        foreach (var direction in session.GetProperty("directions").EnumerateArray())
        {
            using var recipient = CipherOf(session, direction.GetProperty("to").GetInt64());
            Assert.Equal(session.GetProperty("safety_number").GetString(), recipient.SafetyNumber);
            foreach (var message in direction.GetProperty("messages").EnumerateArray())
            {
                Assert.Equal(message.GetProperty("text").GetString(), recipient.Decrypt(message.GetProperty("data").GetString()!, message.GetProperty("id").GetInt64()));
            }

            foreach (var signal in direction.GetProperty("signals").EnumerateArray())
            {
                Assert.Equal(
                    ((ulong)signal.GetProperty("counter").GetInt64(), signal.GetProperty("text").GetString()!),
                    recipient.DecryptSignal(signal.GetProperty("data").GetString()!));
            }
        }
    }

    /// <summary>Written from the protocol's section 6 with nothing but the base library.</summary>
    [Theory]
    [MemberData(nameof(Sessions))]
    public void Plain_calls_of_the_base_library_come_to_the_same(string name)
    {
        var session = Session(name);
        var (lower, higher) = (session.GetProperty("lower_id").GetInt64(), session.GetProperty("higher_id").GetInt64());
        string lowerKey = "-", higherKey = "-";
        byte[] input;
        if (session.TryGetProperty("im_key", out var imKey))
        {
            input = Convert.FromHexString(imKey.GetString()!);
            Assert.Equal(JsonValueKind.Null, session.GetProperty("safety_number").ValueKind);
        }
        else
        {
            (lowerKey, higherKey) = (session.GetProperty("lower_public_key").GetString()!, session.GetProperty("higher_public_key").GetString()!);
            input = SecretOf(session.GetProperty("lower_private_key").GetString()!, lowerKey, higherKey);
            Assert.Equal(input, SecretOf(session.GetProperty("higher_private_key").GetString()!, higherKey, lowerKey));
        }

        var s = $"im-e2e-v1|{session.GetProperty("im_session").GetString()}|{lower}|{higher}|{lowerKey}|{higherKey}";
        var salt = SHA256.HashData(Encoding.UTF8.GetBytes(s));
        Assert.Equal((s, Hex(salt), Hex(input)), (session.GetProperty("string").GetString(), session.GetProperty("salt").GetString(), session.GetProperty("input_key").GetString()));
        if (session.GetProperty("safety_number").GetString() is { } safetyNumber)
        {
            var hash = SHA512.HashData(Encoding.UTF8.GetBytes("im-safety-v1|" + s));
            Assert.Equal(safetyNumber, string.Join(' ', hash.Take(60).Chunk(5).Select(group => (Convert.ToInt64(Hex(group), 16) % 100_000).ToString("00000", CultureInfo.InvariantCulture))));
        }

        foreach (var direction in session.GetProperty("directions").EnumerateArray())
        {
            var (from, to) = (direction.GetProperty("from").GetInt64(), direction.GetProperty("to").GetInt64());
            var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 32, salt, Encoding.UTF8.GetBytes($"im-e2e-v1|{from}|{to}"));
            Assert.Equal(direction.GetProperty("key").GetString(), Hex(key));
            foreach (var message in direction.GetProperty("messages").EnumerateArray())
            {
                Check(key, message, $"{session.GetProperty("im_session").GetString()}|{from}|{to}|{message.GetProperty("id").GetInt64()}", []);
            }

            foreach (var signal in direction.GetProperty("signals").EnumerateArray())
            {
                var counter = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(counter, signal.GetProperty("counter").GetInt64());
                Check(key, signal, $"{session.GetProperty("im_session").GetString()}|{from}|{to}|signal", counter);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RefusedMessages))]
    public void What_is_no_message_of_the_peer_is_refused(string why)
    {
        var refused = Refused("refused_messages", why);
        using var recipient = CipherOf(Session(refused.GetProperty("session").GetString()!), refused.GetProperty("to").GetInt64());

        Assert.Null(recipient.Decrypt(refused.GetProperty("data").GetString()!, refused.GetProperty("id").GetInt64()));
    }

    [Theory]
    [MemberData(nameof(RefusedSignals))]
    public void What_is_no_signal_of_the_peer_is_refused(string why)
    {
        var refused = Refused("refused_signals", why);
        using var recipient = CipherOf(Session(refused.GetProperty("session").GetString()!), refused.GetProperty("to").GetInt64());

        Assert.Null(recipient.DecryptSignal(refused.GetProperty("data").GetString()!));
    }

    [Theory]
    [MemberData(nameof(RefusedPublicKeys))]
    public void What_is_no_public_key_of_a_peer_is_refused(string why)
    {
        var refused = Refused("refused_public_keys", why);
        var own = PublicPoint.Read(refused.GetProperty("own_public_key").GetString())!;

        var peer = PublicPoint.Read(refused.GetProperty("peer_public_key").GetString());

        Assert.True(peer is null || peer.IsSameAs(own));
    }

    private static void Check(byte[] key, JsonElement sealedText, string additionalData, byte[] before)
    {
        var content = before.Concat(Encoding.UTF8.GetBytes(sealedText.GetProperty("text").GetString()!)).Append((byte)0x80).ToList();
        content.AddRange(new byte[(256 - (content.Count % 256)) % 256]);
        var nonce = Convert.FromHexString(sealedText.GetProperty("nonce").GetString()!);
        byte[] ciphertext = new byte[content.Count], tag = new byte[16];
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, content.ToArray(), ciphertext, tag, Encoding.UTF8.GetBytes(additionalData));
        Assert.Equal(additionalData, sealedText.GetProperty("additional_data").GetString());
        Assert.Equal(Base64Url.EncodeToString([.. nonce, .. ciphertext, .. tag]), sealedText.GetProperty("data").GetString());
    }

    private static byte[] SecretOf(string privateKey, string ownKey, string peerKey)
    {
        using var own = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Convert.FromHexString(privateKey), Q = PointOf(ownKey) });
        using var peer = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = PointOf(peerKey) });
        return own.DeriveRawSecretAgreement(peer.PublicKey);
    }

    private static ECPoint PointOf(string key)
    {
        var bytes = Base64Url.DecodeFromChars(key);
        Assert.Equal((65, 4), (bytes.Length, bytes[0]));
        return new ECPoint { X = bytes[1..33], Y = bytes[33..] };
    }

    private static SessionCipher CipherOf(JsonElement session, long self)
    {
        var (lower, higher) = (session.GetProperty("lower_id").GetInt64(), session.GetProperty("higher_id").GetInt64());
        var (id, peer) = (session.GetProperty("im_session").GetString()!, self == lower ? higher : lower);
        if (session.TryGetProperty("im_key", out var key))
        {
            return SessionCipher.OfServerKey(Convert.FromHexString(key.GetString()!), id, self, peer);
        }

        var (own, theirs) = self == lower ? ("lower", "higher") : ("higher", "lower");
        using var keys = KeyPair.Of(Convert.FromHexString(session.GetProperty($"{own}_private_key").GetString()!));
        var point = PublicPoint.Read(session.GetProperty($"{theirs}_public_key").GetString())!;
        return SessionCipher.OfPublicKeys(keys.Agree(point), id, self, peer, keys.Public, point);
    }

    private static TheoryData<string> Whys(string list) => [.. File.GetProperty(list).EnumerateArray().Select(refused => refused.GetProperty("why").GetString()!)];

    private static JsonElement Session(string name) => File.GetProperty("sessions").EnumerateArray().Single(session => session.GetProperty("name").GetString() == name);

    private static JsonElement Refused(string list, string why) => File.GetProperty(list).EnumerateArray().Single(refused => refused.GetProperty("why").GetString() == why);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
