using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Im.Client.Encryption;

/// <summary>Encrypts or decrypts what goes in one direction of a session. One caller at a time.</summary>
internal sealed class DirectionCipher : IDisposable
{
    public const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyLength = 32;

    private readonly AesGcm _aes;
    private readonly string _bound;

    /// <param name="inputKey">What both sides agreed on.</param>
    /// <param name="salt">The hash of the session's string.</param>
    /// <param name="session">The session.</param>
    /// <param name="sender">Who writes in this direction.</param>
    /// <param name="recipient">Who reads in it.</param>
    public DirectionCipher(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, string session, long sender, long recipient)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        DeriveKey(inputKey, salt, sender, recipient, key);
        _aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        _bound = string.Create(CultureInfo.InvariantCulture, $"{session}|{sender}|{recipient}|");
    }

    internal static void DeriveKey(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, long sender, long recipient, Span<byte> key) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, inputKey, key, salt, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"im-e2e-v1|{sender}|{recipient}")));

    /// <summary>Pads and encrypts with a fresh nonce; <c>data</c> of a frame.</summary>
    /// <param name="content">The first bytes of the plaintext.</param>
    /// <param name="place">The frame's id, or <c>signal</c>: it decrypts in no other place.</param>
    public string Encrypt(ReadOnlySpan<byte> content, string place)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        RandomNumberGenerator.Fill(nonce);
        var padded = new byte[Padding.PaddedLength(content.Length)];
        content.CopyTo(padded);
        Padding.Pad(padded, content.Length);
        var data = Seal(padded, place, nonce);
        CryptographicOperations.ZeroMemory(padded);
        return data;
    }

    /// <summary>Encrypts a padded plaintext. The nonce is given only by examples that must come out the same every time.</summary>
    internal string Seal(ReadOnlySpan<byte> padded, string place, ReadOnlySpan<byte> nonce)
    {
        var whole = new byte[NonceLength + padded.Length + TagLength];
        nonce.CopyTo(whole);
        _aes.Encrypt(nonce, padded, whole.AsSpan(NonceLength, padded.Length), whole.AsSpan(NonceLength + padded.Length), AdditionalData(place));
        return Base64Url.EncodeToString(whole);
    }

    /// <summary>Decrypts and takes the padding off; null where anything is not as the sender made it.</summary>
    public byte[]? Decrypt(string data, string place)
    {
        if (Canonical.Decode(data) is not { Length: >= NonceLength + TagLength } whole)
        {
            return null;
        }

        var padded = new byte[whole.Length - NonceLength - TagLength];
        try
        {
            _aes.Decrypt(whole.AsSpan(0, NonceLength), whole.AsSpan(NonceLength, padded.Length), whole.AsSpan(NonceLength + padded.Length), padded, AdditionalData(place));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Padding.Unpad(padded) is { } length ? padded[..length] : null;
    }

    public void Dispose() => _aes.Dispose();

    private byte[] AdditionalData(string place) => Encoding.UTF8.GetBytes(_bound + place);
}
