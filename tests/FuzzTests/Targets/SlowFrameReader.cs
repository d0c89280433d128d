using System.Text.Json;
using Im.Domain;

namespace Im.FuzzTests.Targets;

/// <summary>The protocol's rules of a client's frame (section 4), once more and by other means: the object is built, then asked.</summary>
internal static class SlowFrameReader
{
    private const int Malformed = 40002, UnknownType = 40003;

    /// <summary>The code that the frame is refused with; null: it is accepted.</summary>
    public static int? Read(byte[] text, bool plain)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return Malformed;
            }

            var fields = new Dictionary<string, JsonElement>();
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (!fields.TryAdd(field.Name, field.Value))
                {
                    return Malformed;
                }
            }

            return Judge(fields, plain);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return Malformed;
        }
    }

    private static int? Judge(Dictionary<string, JsonElement> fields, bool plain) => Text(fields, "type") switch
    {
        null => Malformed,
        "msg" => IsMsg(fields, plain) ? null : Malformed,
        "ack" when !plain => Number(fields, "seq") is >= 0 and <= UserId.MaxValue ? null : Malformed,
        "signal" when !plain => IsString(fields, "data") ? null : Malformed,
        "auth" when !plain => Text(fields, "token") is not null ? null : Malformed,
        _ => UnknownType,
    };

    private static bool IsMsg(Dictionary<string, JsonElement> fields, bool plain) =>
        IsString(fields, "data")
        && (!fields.ContainsKey("id") || Number(fields, "id") is >= 1 and <= UserId.MaxValue)
        && (plain || ((!fields.ContainsKey("to_user_id") || Number(fields, "to_user_id") is not null)
            && (!fields.ContainsKey("from_user_id") || Number(fields, "from_user_id") is not null)
            && (!fields.ContainsKey("session") || Text(fields, "session") is not null)));

    private static bool IsString(Dictionary<string, JsonElement> fields, string name) => fields.TryGetValue(name, out var value) && value.ValueKind is JsonValueKind.String;

    private static long? Number(Dictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(Dictionary<string, JsonElement> fields, string name)
    {
        try
        {
            return fields.TryGetValue(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Escapes that spell no text.
        }
    }
}
