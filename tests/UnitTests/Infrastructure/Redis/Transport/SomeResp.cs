using System.Text;
using CsCheck;

namespace Im.UnitTests.Infrastructure.Redis.Transport;

/// <summary>Values of the store's protocol (RESP2) as bytes.</summary>
internal static class SomeResp
{
    private static readonly Gen<byte[]> AnyLine = Gen.Select(
        SomeOf('+', '-', ':'), SomeOf("OK", "", "12", "ERR what", "\r", "é"), (kind, text) => Bytes($"{kind}{text}\r\n"));

    private static readonly Gen<byte[]> AnyBulk = Gen.OneOf(
        Gen.Const(Bytes("$-1\r\n")), Gen.OneOf(Gen.Byte, SomeOf((byte)'\r', (byte)'\n')).Array[0, 40].Select(Bulk));

    /// <summary>Any value, arrays in arrays included.</summary>
    public static readonly Gen<byte[]> AnyValue = Value(depth: 4);

    public static Gen<T> SomeOf<T>(params T[] values) => Gen.OneOf(values.Select(Gen.Const).ToArray());

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Bulk(byte[] bytes) => [.. Bytes($"${bytes.Length}\r\n"), .. bytes, .. "\r\n"u8];

    public static byte[] Array(params byte[][] items) => [.. Bytes($"*{items.Length}\r\n"), .. items.SelectMany(item => item)];

    /// <summary>What the store sends for a publication.</summary>
    public static byte[] Publication(string channel, byte[] publication, string kind = "message") =>
        Array(Bulk(Bytes(kind)), Bulk(Bytes(channel)), Bulk(publication));

    private static Gen<byte[]> Value(int depth) => depth == 0
        ? Gen.OneOf(AnyLine, AnyBulk)
        : Gen.OneOf(AnyLine, AnyBulk, Gen.Const(Bytes("*-1\r\n")), Value(depth - 1).Array[0, 4].Select(items => Array(items)));
}
