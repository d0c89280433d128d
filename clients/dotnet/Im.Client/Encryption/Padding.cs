namespace Im.Client.Encryption;

/// <summary>Padding of plaintexts: one byte 0x80, then zeros up to the next multiple of 256, so that the length tells little.</summary>
internal static class Padding
{
    private const int Block = 256;
    private const byte End = 0x80;

    /// <summary>Bytes of a content of this length with its padding.</summary>
    public static int PaddedLength(int length) => ((length / Block) + 1) * Block;

    /// <summary>Puts the padding behind the content that fills the first <paramref name="length"/> bytes; the rest must be zeros.</summary>
    public static void Pad(Span<byte> padded, int length) => padded[length] = End;

    /// <summary>The content's length; null where the padding is not as it must be.</summary>
    public static int? Unpad(ReadOnlySpan<byte> padded)
    {
        var last = padded.LastIndexOfAnyExcept((byte)0);
        return padded.Length % Block == 0 && last >= 0 && padded[last] == End ? last : null;
    }
}
