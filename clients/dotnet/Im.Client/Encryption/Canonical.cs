using System.Buffers;
using System.Buffers.Text;

namespace Im.Client.Encryption;

/// <summary>Unpadded base64url in its one spelling: no padding, no white space, no bits left over.</summary>
internal static class Canonical
{
    /// <summary>Decodes; null where the text is not what encoding its bytes would give, so that no two texts mean the same bytes.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var length) is OperationStatus.Done && Base64Url.EncodeToString(bytes.AsSpan(0, length)) == text
            ? bytes[..length]
            : null;
    }
}
