using System.Buffers.Binary;
using System.Net;

namespace Im.Load.Wire;

/// <summary>An IPv4 address and port as the kernel reads them: sockaddr_in, of 16 bytes.</summary>
internal static class SocketAddress
{
    private const int Family = 2;

    internal static void Write(Span<byte> target, IPAddress address, int port)
    {
        target.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(target, Family);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)port);
        address.TryWriteBytes(target[4..], out _);
    }
}
