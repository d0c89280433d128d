using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Im.Domain;

namespace Im.Micro;

/// <summary>What a client pays to encrypt a payload with a key of the service's length, and what the service pays to make one.</summary>
[MemoryDiagnoser]
public class Encryption
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(12);
    private readonly byte[] _tag = new byte[16];
    private byte[] _plain = [];
    private byte[] _cipher = [];
    private AesGcm _aes = null!;

    /// <summary>Bytes of the payload.</summary>
    [Params(128, 4096)]
    public int Payload { get; set; }

    /// <summary>Makes the cipher.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _plain = RandomNumberGenerator.GetBytes(Payload);
        _cipher = new byte[Payload];
        _aes = new AesGcm(_key, 16);
    }

    /// <summary>Ends it.</summary>
    [GlobalCleanup]
    public void CleanUp() => _aes.Dispose();

    /// <summary>AES-256-GCM.</summary>
    [Benchmark]
    public void AesGcmEncrypt() => _aes.Encrypt(_nonce, _plain, _cipher, _tag);

    /// <summary>A key and a session id.</summary>
    [Benchmark]
    public (ImKey Key, SessionId Session) KeyAndSession() => (ImKey.Generate(32), SessionId.Generate());
}
