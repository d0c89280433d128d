using System.Buffers.Text;

namespace Im.Infrastructure.Redis.Transport;

/// <summary>Where a frame of the store's protocol (RESP2) ends, without reading what is in it.</summary>
internal static class RespFrame
{
    /// <summary>Longer frames, and deeper ones, are not measured.</summary>
    private const int MaxLength = 64 * 1024 * 1024;

    private const int MaxDepth = 8;

    /// <summary>The length of the first frame in these bytes; 0: it is not complete; less: it cannot be measured.</summary>
    public static int Measure(ReadOnlySpan<byte> bytes)
    {
        var length = Measure(bytes, depth: 0);
        return length == 0 && bytes.Length >= MaxLength ? -1 : length;
    }

    /// <summary>Takes a bulk string from the front of these bytes. False: there is none, or not all of it.</summary>
    public static bool TryTakeBulk(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> bulk)
    {
        bulk = default;
        if (bytes.IsEmpty || bytes[0] != (byte)'$' || !TryReadNumber(bytes, out var length, out var used) || length < 0 || bytes.Length - used - 2 < length)
        {
            return false;
        }

        bulk = bytes.Slice(used, length);
        bytes = bytes[(used + length + 2)..];
        return true;
    }

    private static int Measure(ReadOnlySpan<byte> bytes, int depth)
    {
        var line = bytes.IndexOf("\r\n"u8);
        if (line < 0)
        {
            return 0;
        }

        switch (bytes[0])
        {
            case (byte)'+' or (byte)'-' or (byte)':':
                return line + 2;
            case (byte)'$' when TryReadNumber(bytes, out var length, out var used) && length < MaxLength:
                var end = length < 0 ? used : used + length + 2;
                return bytes.Length < end ? 0 : end;
            case (byte)'*' when depth < MaxDepth && TryReadNumber(bytes, out var count, out var header):
                return MeasureItems(bytes, header, count, depth + 1);
            default:
                return -1;
        }
    }

    private static int MeasureItems(ReadOnlySpan<byte> bytes, int from, int count, int depth)
    {
        for (var i = 0; i < count; i++)
        {
            var item = Measure(bytes[from..], depth);
            if (item <= 0)
            {
                return item;
            }

            from += item;
        }

        return from;
    }

    /// <summary>The number between a frame's first byte and its line's end.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, out int number, out int used)
    {
        var isNumber = Utf8Parser.TryParse(bytes[1..], out number, out var digits);
        used = digits + 3;
        return isNumber && bytes.Length >= used && bytes[digits + 1] == (byte)'\r' && bytes[digits + 2] == (byte)'\n';
    }
}
