using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Im.Client.Encryption;

namespace Im.Client.KeyExchange;

/// <summary>A public key: an uncompressed point of P-256 that is known to lie on the curve.</summary>
internal sealed class PublicPoint
{
    /// <summary>Bytes of a point: 4, x, y.</summary>
    public const int Length = 65;

    private const int Coordinate = 32;

    private static readonly BigInteger P = Number("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Number("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private readonly byte[] _bytes;

    private PublicPoint(byte[] bytes) => _bytes = bytes;

    /// <summary>Unpadded base64url, encoded from the bytes: two spellings of one key are one text.</summary>
    public string Text => Base64Url.EncodeToString(_bytes);

    public ECParameters Parameters => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = _bytes[1..(1 + Coordinate)], Y = _bytes[(1 + Coordinate)..] },
    };

    public static PublicPoint Of(ECPoint point) => new([4, .. point.X!, .. point.Y!]);

    /// <summary>Reads a key; null where it is not unpadded base64url of a point on the curve.</summary>
    public static PublicPoint? Read(string? text)
    {
        if (text is null || Canonical.Decode(text) is not { Length: Length } bytes || bytes[0] != 4)
        {
            return null;
        }

        var x = new BigInteger(bytes.AsSpan(1, Coordinate), isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(bytes.AsSpan(1 + Coordinate), isUnsigned: true, isBigEndian: true);

        // Computed here and not left to the import: what that checks is another matter on every platform. Nothing here is secret.
        var isOnCurve = x < P && y < P && (BigInteger.ModPow(y, 2, P) - BigInteger.ModPow(x, 3, P) + (3 * x) - B) % P == 0;
        return isOnCurve ? new PublicPoint(bytes) : null;
    }

    public bool IsSameAs(PublicPoint other) => _bytes.AsSpan().SequenceEqual(other._bytes);

    private static BigInteger Number(string hex) => BigInteger.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
