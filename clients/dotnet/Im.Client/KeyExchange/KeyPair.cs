using System.Security.Cryptography;

namespace Im.Client.KeyExchange;

/// <summary>This side's keys for one handshake. The private one never leaves this object.</summary>
internal sealed class KeyPair : IDisposable
{
    private readonly ECDiffieHellman _keys;

    private KeyPair(ECDiffieHellman keys)
    {
        _keys = keys;
        Public = PublicPoint.Of(keys.ExportParameters(includePrivateParameters: false).Q);
    }

    public PublicPoint Public { get; }

    public static KeyPair Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The pair with this private key: for examples that must come out the same every time.</summary>
    internal static KeyPair Of(byte[] privateKey) =>
        new(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = privateKey }));

    /// <summary>The raw ECDH secret with the peer's key: 32 bytes, to be wiped by the caller.</summary>
    public byte[] Agree(PublicPoint peer)
    {
        using var other = ECDiffieHellman.Create(peer.Parameters);
        using var key = other.PublicKey;
        return _keys.DeriveRawSecretAgreement(key);
    }

    public void Dispose() => _keys.Dispose();
}
