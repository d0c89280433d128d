using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Im.Client.Encryption;

namespace Im.UnitTests.Client.Encryption;

/// <summary><c>clients/test-vectors.json</c>: made by the .NET client, checked by every client and by plain calls of the base library.</summary>
internal static class VectorFile
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // No page ever shows it; ids like a+b and texts stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Path { get; } = Repository.PathOf("clients", "test-vectors.json");

    public static string Read() => File.ReadAllText(Path);

    /// <summary>The whole file, the same at every call: nonces and private keys are given.</summary>
    public static string Make() => new JsonObject
    {
        ["about"] = "Test vectors of im-e2e-v1; the protocol is docs/protocol.md, section 6. Byte strings are lower-case hex, "
            + "except public keys and data, which are unpadded base64url. Nonces and private keys are fixed here only.",
        ["sessions"] = new JsonArray([.. VectorSessions.All.Select(VectorSessions.Describe)]),
        ["refused_messages"] = VectorRefusals.Messages(),
        ["refused_signals"] = VectorRefusals.Signals(),
        ["refused_public_keys"] = VectorRefusals.PublicKeys(),
    }.ToJsonString(Readable) + "\n";

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>A content with its padding, as the cipher wants it.</summary>
    public static byte[] Padded(ReadOnlySpan<byte> content)
    {
        var padded = new byte[Padding.PaddedLength(content.Length)];
        content.CopyTo(padded);
        Padding.Pad(padded, content.Length);
        return padded;
    }
}
