using System.Text.Json.Nodes;
using Im.Client.Encryption;

namespace Im.UnitTests.Client.Encryption;

/// <summary>The sessions of the vectors, and what is said in them.</summary>
internal static class VectorSessions
{
    public const string ExampleSession = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";
    private const long Last = 9_007_199_254_740_991;

    public static IReadOnlyList<VectorSession> All { get; } =
    [
        new("server key of the protocol's example", ExampleSession, 9, 10, [.. Enumerable.Range(0, 32).Select(n => (byte)n)], null, null),
        new("public keys of the protocol's example", ExampleSession, 9, 10, null, Repeated(0x11), Repeated(0x22)),
        new("server key of 8 bytes, as the oldest clients used, highest ids", "00000000000000000000000000000001", Last - 1, Last, Convert.FromHexString("8000000000000001"), null, null),
        new("public keys, lowest and highest id", "ffffffffffffffffffffffffffffffff", 1, Last, null, Repeated(0x33), Repeated(0x44)),
    ];

    /// <summary>Texts by their lengths in bytes: none, one below a block, a block, the longest; and by what they hold.</summary>
    private static string[] Texts { get; } =
    [
        "hello", "", new('a', 255), new('b', 256), "Grüße, 你好, שלום, 👩‍👩‍👧‍👦 e\u0301", "\0 tab\t quote\" back\\slash \u0080\uFFFF", "\u0080",
    ];

    public static JsonNode Describe(VectorSession session)
    {
        var described = new JsonObject
        {
            ["name"] = session.Name,
            ["key_mode"] = session.ImKey is null ? "public_keys" : "server_key",
            ["im_session"] = session.Session,
            ["lower_id"] = session.Lower,
            ["higher_id"] = session.Higher,
        };
        if (session.ImKey is not null)
        {
            described["im_key"] = VectorFile.Hex(session.ImKey);
        }
        else
        {
            described["lower_private_key"] = VectorFile.Hex(session.LowerPrivate);
            described["higher_private_key"] = VectorFile.Hex(session.HigherPrivate);
            described["lower_public_key"] = session.LowerKeys!.Public.Text;
            described["higher_public_key"] = session.HigherKeys!.Public.Text;
        }

        described["input_key"] = VectorFile.Hex(session.InputKey);
        described["string"] = session.S;
        described["salt"] = VectorFile.Hex(SessionString.SaltOf(session.S));
        described["safety_number"] = session.ImKey is null ? SessionString.SafetyNumberOf(session.S) : null;
        described["directions"] = new JsonArray(Direction(session, session.Lower), Direction(session, session.Higher));
        return described;
    }

    private static JsonObject Direction(VectorSession session, long sender)
    {
        var key = new byte[32];
        DirectionCipher.DeriveKey(session.InputKey, SessionString.SaltOf(session.S), sender, session.PeerOf(sender), key);
        var messages = sender == session.Lower ? Texts.Select((text, at) => session.Message(sender, at + 1, text)) : [session.Message(sender, 1, "hello"), session.Message(sender, Last, "the last id")];

        // The longest text once in each mode: the file stays small.
        if (session.Session == ExampleSession && sender == session.Lower)
        {
            messages = messages.Append(session.Message(sender, Texts.Length + 1, new string('m', 48_895 - 2) + "é"));
        }

        return new JsonObject
        {
            ["from"] = sender,
            ["to"] = session.PeerOf(sender),
            ["key"] = VectorFile.Hex(key),
            ["messages"] = new JsonArray([.. messages]),
            ["signals"] = new JsonArray(
                session.Signal(sender, 1, """{"type":"typing","typing":true}"""),
                session.Signal(sender, 2, """{"type":"typing","typing":false}"""),
                session.Signal(sender, 257, ""),
                session.Signal(sender, Last, """{"type":"unknown to everyone"}"""),
                session.Signal(sender, Last - 1, new string('s', 256 - 8))),
        };
    }

    private static byte[] Repeated(byte value) => [.. Enumerable.Repeat(value, 32)];
}
