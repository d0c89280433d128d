using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Im.Client.KeyExchange;

namespace Im.Client.Encryption;

/// <summary>The string <c>S</c>: the session, its two users and their public keys. Both sides build the same one.</summary>
internal static class SessionString
{
    private const int Groups = 12;
    private const int GroupBytes = 5;

    /// <summary>Builds it; without keys in server key mode.</summary>
    public static string Of(string session, long self, long peer, PublicPoint? own, PublicPoint? theirs)
    {
        var (ownText, peerText) = (own?.Text ?? "-", theirs?.Text ?? "-");
        return self < peer
            ? string.Create(CultureInfo.InvariantCulture, $"im-e2e-v1|{session}|{self}|{peer}|{ownText}|{peerText}")
            : string.Create(CultureInfo.InvariantCulture, $"im-e2e-v1|{session}|{peer}|{self}|{peerText}|{ownText}");
    }

    public static byte[] SaltOf(string s) => SHA256.HashData(Encoding.UTF8.GetBytes(s));

    /// <summary>Twelve groups of five digits. Only with public keys: with a server key it would prove nothing.</summary>
    public static string SafetyNumberOf(string s)
    {
        var hash = SHA512.HashData(Encoding.UTF8.GetBytes($"im-safety-v1|{s}"));
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        var groups = new string[Groups];
        for (var group = 0; group < Groups; group++)
        {
            hash.AsSpan(group * GroupBytes, GroupBytes).CopyTo(number[^GroupBytes..]);
            groups[group] = (BinaryPrimitives.ReadUInt64BigEndian(number) % 100_000).ToString("D5", CultureInfo.InvariantCulture);
        }

        return string.Join(' ', groups);
    }
}
