using System.Text.Json;
using Im.Client.Errors;
using Im.Client.Wire;

namespace Im.Client.Messaging;

/// <summary>Any frame of the server: the fields of all of them, of which each has some (protocol, section 4).</summary>
internal sealed record ServerFrame(
    string? Type, string? Data, long? FromUserId, long? ToUserId, string? Session, long? Seq, long? SentAt, long? Id, long? LastId, long? Delivered, long? UserId, bool? Online, int? Code, string? Of, long? Expected)
{
    /// <summary>Bytes of the longest frame that a server sends.</summary>
    public const int MaxBytes = 66_048;

    public static ServerFrame Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, WireJson.Default.ServerFrame) ?? throw Malformed();
        }
        catch (JsonException)
        {
            throw Malformed();
        }
    }

    public static ImException Malformed() => Failures.Violation("The server sent a frame that is not in form");

    public override string ToString() => $"frame {Type}";
}
