namespace Im.Infrastructure.Redis.Transport;

/// <summary>Bytes that are collected; grows as needed, and shrinks again when it was large once. Not thread-safe.</summary>
internal struct ByteBuffer()
{
    private const int First = 16 * 1024;

    /// <summary>Beyond so much, the room is not kept.</summary>
    private const int Kept = 1024 * 1024;

    private byte[] _bytes = new byte[First];

    /// <summary>How many bytes are in it.</summary>
    public int Length { get; private set; }

    /// <summary>What is in it.</summary>
    public readonly ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Room for at least so many bytes, one if the hint is 0.</summary>
    public Memory<byte> GetMemory(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, 2 * _bytes.Length));
        }

        return _bytes.AsMemory(Length);
    }

    /// <summary>So many bytes of that room were written.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Moves everything out of the other one to the end of this one.</summary>
    public void Take(ref ByteBuffer other)
    {
        if (Length == 0)
        {
            (this, other) = (other, this);
            return;
        }

        other.Written.CopyTo(GetMemory(other.Length));
        Length += other.Length;
        other.Clear();
    }

    /// <summary>Adds these bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Length += bytes.Length;
    }

    /// <summary>Takes so many bytes from the front.</summary>
    public void Remove(int count)
    {
        if (count == Length)
        {
            Clear();
            return;
        }

        Written.Span[count..].CopyTo(_bytes);
        Length -= count;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > Kept)
        {
            _bytes = new byte[First];
        }
    }
}
