using System.Security.Cryptography;

namespace Im.Domain;

/// <summary>The secret that the server hands to both sides of a pair. Prints as <c>[redacted]</c>, so a slip shows nothing.</summary>
public sealed class ImKey : IEquatable<ImKey>
{
    /// <summary>Bytes of the shortest key, what older clients ask for.</summary>
    public const int MinBytes = 8;

    /// <summary>Bytes of the longest key.</summary>
    public const int MaxBytes = 64;

    private readonly byte[] _bytes;

    private ImKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The key's own bytes, for the store and the answer to the two users; nowhere else.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A fresh random key.</summary>
    /// <param name="size">Bytes, 8 … 64, checked where the setting is bound.</param>
    public static ImKey Generate(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxBytes);
        return new ImKey(RandomNumberGenerator.GetBytes(size));
    }

    /// <summary>The key with these bytes, as the store gave them back.</summary>
    public static Result<ImKey> Of(ReadOnlySpan<byte> bytes) =>
        bytes.Length is >= MinBytes and <= MaxBytes ? new ImKey(bytes.ToArray()) : Errors.NotAKeySize;

    /// <summary>Lower-case hex, the form the clients get.</summary>
    public string ToHex() => Convert.ToHexStringLower(_bytes);

    public bool Equals(ImKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    public override bool Equals(object? obj) => Equals(obj as ImKey);

    /// <summary>The same for all keys of one length: a hash of the bytes would tell about them.</summary>
    public override int GetHashCode() => _bytes.Length;

    public override string ToString() => "[redacted]";
}
