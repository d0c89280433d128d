using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Im.Client.KeyExchange;

namespace Im.Client.Encryption;

/// <summary><c>im-e2e-v1</c> for one session (protocol, section 6): both directions' keys. One sender and one receiver at a time.</summary>
internal sealed class SessionCipher : IDisposable
{
    /// <summary>The place of a signal, where a message has its id.</summary>
    public const string SignalPlace = "signal";

    private const int CounterLength = sizeof(long);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly DirectionCipher _outward;
    private readonly DirectionCipher _inward;

    private SessionCipher(ReadOnlySpan<byte> inputKey, string session, long self, long peer, string s, string? safetyNumber)
    {
        var salt = SessionString.SaltOf(s);
        _outward = new DirectionCipher(inputKey, salt, session, self, peer);
        _inward = new DirectionCipher(inputKey, salt, session, peer, self);
        SafetyNumber = safetyNumber;
    }

    /// <summary>Null with a server key.</summary>
    public string? SafetyNumber { get; }

    public static SessionCipher OfServerKey(ReadOnlySpan<byte> key, string session, long self, long peer) =>
        new(key, session, self, peer, SessionString.Of(session, self, peer, null, null), null);

    public static SessionCipher OfPublicKeys(ReadOnlySpan<byte> secret, string session, long self, long peer, PublicPoint own, PublicPoint theirs)
    {
        var s = SessionString.Of(session, self, peer, own, theirs);
        return new SessionCipher(secret, session, self, peer, s, SessionString.SafetyNumberOf(s));
    }

    /// <summary>Encrypts a message's text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="id">The frame's.</param>
    public string Encrypt(ReadOnlySpan<byte> text, long id) => _outward.Encrypt(text, PlaceOf(id));

    /// <summary>The text of the peer's message with this id; null where it is not what the peer made.</summary>
    public string? Decrypt(string data, long id) => _inward.Decrypt(data, PlaceOf(id)) is { } text ? TextOf(text) : null;

    /// <summary>Encrypts a signal.</summary>
    /// <param name="counter">Higher than that of every signal before, in this session.</param>
    /// <param name="text">UTF-8.</param>
    public string EncryptSignal(long counter, ReadOnlySpan<byte> text)
    {
        var content = new byte[CounterLength + text.Length];
        BinaryPrimitives.WriteInt64BigEndian(content, counter);
        text.CopyTo(content.AsSpan(CounterLength));
        return _outward.Encrypt(content, SignalPlace);
    }

    /// <summary>Counter and text of the peer's signal; null where it is not what the peer made.</summary>
    public (ulong Counter, string Text)? DecryptSignal(string data) =>
        _inward.Decrypt(data, SignalPlace) is { Length: >= CounterLength } content && TextOf(content.AsSpan(CounterLength)) is { } text
            ? (BinaryPrimitives.ReadUInt64BigEndian(content), text)
            : null;

    public void Dispose()
    {
        _outward.Dispose();
        _inward.Dispose();
    }

    /// <summary>UTF-8 of a text; throws where half of a surrogate pair stands alone.</summary>
    public static byte[] BytesOf(string text) => Utf8.GetBytes(text);

    private static string? TextOf(ReadOnlySpan<byte> text)
    {
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string PlaceOf(long id) => id.ToString(CultureInfo.InvariantCulture);
}
