using System.Buffers;
using System.Buffers.Text;

namespace Im.Domain;

/// <summary>A client's public key, opaque to the server: it only passes it on.</summary>
public sealed record PublicKey
{
    /// <summary>The longest key, in decoded bytes.</summary>
    public const int MaxBytes = 2048;

    private static readonly int MaxLength = Base64Url.GetEncodedLength(MaxBytes);

    private PublicKey(string text) => Text = text;

    /// <summary>Unpadded base64url, re-encoded from the decoded bytes: one key has one spelling.</summary>
    public string Text { get; }

    /// <summary>The key that this unpadded base64url spells, or <see cref="Errors.NotAPublicKey"/>.</summary>
    public static Result<PublicKey> Parse(string text)
    {
        // Longer text is refused before anything is decoded.
        if (text.Length == 0 || text.Length > MaxLength || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            return Errors.NotAPublicKey;
        }

        // Not TryDecodeFromChars: that throws on text of an impossible length, and a client may send any.
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var written) is OperationStatus.Done && written is >= 1 and <= MaxBytes
            ? new PublicKey(Base64Url.EncodeToString(bytes.AsSpan(0, written)))
            : Errors.NotAPublicKey;
    }
}
