namespace Im.FuzzTests.Engine;

/// <summary>Makes new inputs of old ones: a few small damages each, or the beginning of one and the end of another.</summary>
internal sealed class Mutator(Random random, FuzzTarget target)
{
    private static readonly byte[] Telling = [0, 1, 9, 10, 13, 32, 34, 37, 38, 44, 47, 48, 57, 58, 61, 92, 0x7f, 0x80, 0xc0, 0xed, 0xff];

    private static readonly byte[][] Numbers =
    [
        .. new[] { "0", "-1", "1", "007", "1.5", "1e9", "2147483647", "2147483648", "-2147483648", "4294967296", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808", "99999999999999999999" }
            .Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    private readonly byte[] _bytes = new byte[target.MaxLength];
    private int _length;

    /// <summary>A new input; one in eight is two old ones joined.</summary>
    public byte[] Next(List<byte[]> pool)
    {
        Take(pool[random.Next(pool.Count)]);
        if (random.Next(8) == 0)
        {
            Join(pool[random.Next(pool.Count)]);
        }

        for (var damages = 1 + (random.Next(4) * random.Next(4)); damages > 0; damages--)
        {
            Damage();
        }

        return _bytes[.._length];
    }

    private void Take(byte[] input)
    {
        _length = Math.Min(input.Length, target.MaxLength);
        input.AsSpan(0, _length).CopyTo(_bytes);
    }

    private void Join(byte[] other)
    {
        var from = random.Next(other.Length + 1);
        _length = random.Next(_length + 1);
        Insert(_length, other.AsSpan(from));
    }

    private void Damage()
    {
        var at = random.Next(_length + 1);
        switch (random.Next(10))
        {
            case 0 when at < _length: _bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < _length: _bytes[at] = Telling[random.Next(Telling.Length)]; break;
            case 2 when at < _length: _bytes[at] = (byte)random.Next(256); break;
            case 3: Insert(at, [Telling[random.Next(Telling.Length)]]); break;
            case 4: Insert(at, [(byte)random.Next(256)]); break;
            case 5: Remove(at, 1 + random.Next(16)); break;
            case 6: Insert(random.Next(_length + 1), _bytes.AsSpan(at, Math.Min(_length - at, 1 + random.Next(64))).ToArray()); break;
            case 7: Renumber(at, Numbers[random.Next(Numbers.Length)]); break;
            case 8 when random.Next(64) == 0: Swell(at); break;
            case >= 8 when target.Words.Count > 0: Insert(at, target.Words[random.Next(target.Words.Count)]); break;
            default: _length = at; break;
        }
    }

    /// <summary>Another number in the place of the next one, so that what holds it stays whole.</summary>
    private void Renumber(int at, byte[] number)
    {
        var digits = _bytes.AsSpan(at, _length - at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digits >= 0)
        {
            at += digits;
            var end = _bytes.AsSpan(at, _length - at).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            Remove(at, end < 0 ? _length - at : end);
        }

        Insert(at, number);
    }

    /// <summary>One piece many times: what is paid for each of a kind shows only in numbers.</summary>
    private void Swell(int at)
    {
        var piece = _bytes.AsSpan(at, Math.Min(_length - at, 1 + random.Next(32))).ToArray();
        for (var times = random.Next(400); times > 0 && piece.Length > 0; times--)
        {
            Insert(at, piece);
        }
    }

    private void Insert(int at, ReadOnlySpan<byte> piece)
    {
        piece = piece[..Math.Min(piece.Length, target.MaxLength - _length)];
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + piece.Length));
        piece.CopyTo(_bytes.AsSpan(at));
        _length += piece.Length;
    }

    private void Remove(int at, int count)
    {
        count = Math.Min(count, _length - at);
        _bytes.AsSpan(at + count, _length - at - count).CopyTo(_bytes.AsSpan(at));
        _length -= count;
    }
}
