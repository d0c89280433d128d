namespace Im.IntegrationTests.Harness;

/// <summary>What no honest client sends on an upgraded connection.</summary>
internal static class Rubbish
{
    public static readonly IReadOnlyList<byte[]> All =
    [
        [.. Enumerable.Range(0, 500).Select(i => (byte)((i * 7919) ^ (i >> 3)))],
        [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], // A length beyond all memory.
        [0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, .. "half a frame"u8],
        [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], // A message begun within a message.
        [0x80, 0x80, 0, 0, 0, 0], // The end of a message that never began.
        [0xf1, 0x80, 0, 0, 0, 0], // Reserved bits.
        [0x81, 0x05, .. "plain"u8], // Not masked.
        [0x88, 0x81, 0, 0, 0, 0, 0x03], // A goodbye of one byte.
        .. Enumerable.Range(0, 8).Select(i => RawSocket.Frame(0x81, [.. Enumerable.Repeat((byte)'[', 20 * i)])),
        [.. Enumerable.Repeat(RawSocket.Frame(0x89, 1, 2, 3), 200).SelectMany(ping => ping)],
        [.. Enumerable.Repeat(RawSocket.Frame(0x81, (byte)'{'), 400).SelectMany(frame => frame)],
        [.. Enumerable.Repeat(RawSocket.Frame(0x01, (byte)' '), 1).Concat(Enumerable.Repeat(RawSocket.Frame(0x00), 2000)).SelectMany(part => part)],
    ];
}
