namespace Im.Load.Wire;

/// <summary>Bytes on their way to a socket: a buffer that grows and is used again.</summary>
internal sealed class Output
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(4096);

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Room for so many bytes, which then count as written.</summary>
    internal Span<byte> Take(int length)
    {
        if (_bytes.Length - Length < length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + length));
        }

        Length += length;
        return _bytes.AsSpan(Length - length, length);
    }

    internal void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    internal void Clear() => Length = 0;

    /// <summary>Forgets the first bytes.</summary>
    internal void Drop(int count)
    {
        _bytes.AsSpan(count, Length - count).CopyTo(_bytes);
        Length -= count;
    }
}
