using System.Buffers.Text;
using CsCheck;
using Im.Client;
using Im.Client.Encryption;
using Im.Client.KeyExchange;

namespace Im.UnitTests.Client.Encryption;

/// <summary>Laws of <c>im-e2e-v1</c>: what one side encrypts, the other one reads, and nobody changes.</summary>
public sealed class SessionCipherLawTests
{
    private const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";
    private static readonly Gen<byte[]> Contents = Gen.Byte.Array[0, 1000];
    private static readonly Gen<long> Ids = Gen.Long[1, 9_007_199_254_740_991];

    [Fact]
    public void What_is_padded_is_unpadded_to_the_same_and_its_length_tells_only_how_many_blocks() => Contents.Sample(content =>
    {
        var padded = VectorFile.Padded(content);
        return padded.Length % 256 == 0 && padded.Length > content.Length && padded.Length <= content.Length + 256 && Padding.Unpad(padded) == content.Length;
    });

    [Fact]
    public void The_peer_reads_what_was_encrypted_and_the_sender_itself_does_not() => Gen.Select(Gen.String, Ids).Where(pair => IsUnicode(pair.Item1)).Sample((text, id) =>
    {
        using var keys = new Pair();
        var data = keys.Ann.Encrypt(SessionCipher.BytesOf(text), id);
        return keys.Bob.Decrypt(data, id) == text && keys.Ann.Decrypt(data, id) is null && keys.Bob.DecryptSignal(data) is null;
    });

    [Fact]
    public void Whatever_bit_is_changed_nothing_decrypts_any_more() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, int.MaxValue], Ids).Sample((text, at, id) =>
    {
        using var keys = new Pair();
        var bytes = Base64Url.DecodeFromChars(keys.Ann.Encrypt(text, id));
        var bit = at % (bytes.Length * 8);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return keys.Bob.Decrypt(Base64Url.EncodeToString(bytes), id) is null;
    });

    [Fact]
    public void A_message_decrypts_under_no_other_id() => Gen.Select(Ids, Ids).Where((one, other) => one != other).Sample((one, other) =>
    {
        using var keys = new Pair();
        return keys.Bob.Decrypt(keys.Ann.Encrypt("hello"u8, one), other) is null;
    });

    [Fact]
    public void A_text_is_never_encrypted_to_the_same_twice()
    {
        using var keys = new Pair();

        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => keys.Ann.Encrypt("hello"u8, 1)).Distinct().Count());
    }

    [Fact]
    public void The_longest_text_fits_a_frame_and_the_next_size_does_not()
    {
        using var keys = new Pair();

        Assert.True(FrameLength(Conversation.MaxTextBytes) <= 64 * 1024);
        Assert.True(FrameLength(Conversation.MaxTextBytes + 1) > 64 * 1024);

        int FrameLength(int text) => Im.Client.Messaging.ClientFrames.Msg(keys.Ann.Encrypt(new byte[text], 9_007_199_254_740_991), 9_007_199_254_740_991).Length;
    }

    [Fact]
    public void A_text_with_half_of_a_surrogate_pair_is_refused() => Assert.ThrowsAny<ArgumentException>(() => SessionCipher.BytesOf("\ud83d"));

    private static bool IsUnicode(string text) => text.EnumerateRunes().Sum(rune => rune.Utf16SequenceLength) == text.Length && !text.Any(char.IsSurrogate);

    /// <summary>Two sides with fresh keys.</summary>
    private sealed class Pair : IDisposable
    {
        public Pair()
        {
            using KeyPair ann = KeyPair.Generate(), bob = KeyPair.Generate();
            Ann = SessionCipher.OfPublicKeys(ann.Agree(bob.Public), Session, 9, 10, ann.Public, bob.Public);
            Bob = SessionCipher.OfPublicKeys(bob.Agree(ann.Public), Session, 10, 9, bob.Public, ann.Public);
        }

        public SessionCipher Ann { get; }

        public SessionCipher Bob { get; }

        public void Dispose()
        {
            Ann.Dispose();
            Bob.Dispose();
        }
    }
}
