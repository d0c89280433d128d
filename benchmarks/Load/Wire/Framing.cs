using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Im.Load.Wire;

/// <summary>Frames of RFC 6455: a client's are masked, a server's are not.</summary>
internal static class Framing
{
    internal const byte Continuation = 0x0;
    internal const byte Text = 0x1;
    internal const byte Close = 0x8;
    internal const byte Ping = 0x9;
    internal const byte Pong = 0xA;

    /// <summary>Writes one whole frame of a client.</summary>
    internal static void Append(Output output, byte opcode, ReadOnlySpan<byte> payload, uint mask)
    {
        var lengthBytes = payload.Length switch { < 126 => 0, <= ushort.MaxValue => 2, _ => 8 };
        var frame = output.Take(2 + lengthBytes + 4 + payload.Length);
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | lengthBytes switch { 0 => payload.Length, 2 => 126, _ => 127 });
        if (lengthBytes == 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payload.Length);
        }
        else if (lengthBytes == 8)
        {
            BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)payload.Length);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame[(2 + lengthBytes)..], mask);
        Mask(payload, frame[(6 + lengthBytes)..], mask);
    }

    /// <summary>Reads the head of a server's frame.</summary>
    /// <returns>False: it is not whole yet.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out Head head)
    {
        head = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        if ((bytes[1] & 0x80) != 0 || (bytes[0] & 0x70) != 0)
        {
            throw new LoadException("A server's frame was masked, or used an extension.");
        }

        var start = bytes[1] switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < start)
        {
            return false;
        }

        var length = bytes[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
            _ => bytes[1],
        };
        head = new Head((byte)(bytes[0] & 0x0F), (bytes[0] & 0x80) != 0, start, length);
        return bytes.Length - start >= length;
    }

    private static void Mask(ReadOnlySpan<byte> from, Span<byte> to, uint mask)
    {
        var pattern = new Vector<uint>(mask);
        var blocks = MemoryMarshal.Cast<byte, Vector<uint>>(from);
        var targets = MemoryMarshal.Cast<byte, Vector<uint>>(to[..from.Length]);
        for (var i = 0; i < blocks.Length; i++)
        {
            targets[i] = blocks[i] ^ pattern;
        }

        for (var i = blocks.Length * Vector<byte>.Count; i < from.Length; i++)
        {
            to[i] = (byte)(from[i] ^ (mask >> (8 * (i & 3))));
        }
    }

    /// <summary>What stands before a frame's payload.</summary>
    /// <param name="Opcode">What kind of frame it is.</param>
    /// <param name="IsFinal">Whether the message ends with it.</param>
    /// <param name="Start">Where the payload begins.</param>
    /// <param name="Length">The payload's length.</param>
    internal readonly record struct Head(byte Opcode, bool IsFinal, int Start, int Length);
}
