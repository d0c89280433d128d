using System.Globalization;
using System.Text;
using System.Text.Json;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>Writes the server's frames.</summary>
internal static class FrameWriter
{
    /// <summary>
    /// A message as its recipient will get it, but for the seq and the closing brace: only the store can give the seq, and it
    /// keeps the frame as it is. <see cref="Message"/> completes it.
    /// </summary>
    /// <param name="data">The payload as it stood between its quotes.</param>
    /// <param name="sender">The connection it came by; the real sender, whatever the frame said.</param>
    /// <param name="sentAt">When this node accepted it.</param>
    /// <param name="id">The sender's count, if it keeps one.</param>
    public static byte[] MessageBody(ReadOnlySpan<byte> data, Attachment sender, DateTimeOffset sentAt, long? id)
    {
        var start = "{\"type\":\"msg\",\"data\":\""u8;
        Span<byte> end = stackalloc byte[256];
        var length = Format(
            end,
            $"\",\"from_user_id\":{sender.User.Number},\"to_user_id\":{sender.Peer.Number},\"session\":\"{sender.Session.Id.Hex}\",\"sent_at\":{sentAt.ToUnixTimeMilliseconds()}");
        if (id is not null)
        {
            length += Format(end[length..], $",\"id\":{id.Value}");
        }

        length += Format(end[length..], $",\"seq\":");
        return [.. start, .. data, .. end[..length]];
    }

    /// <summary>Completes a message body into <paramref name="buffer"/>, which has room for <see cref="SeqLength"/> more; returns the frame's length.</summary>
    public static int Message(ReadOnlySpan<byte> body, long seq, Span<byte> buffer)
    {
        body.CopyTo(buffer);
        return body.Length + Format(buffer[body.Length..], $"{seq}}}");
    }

    /// <summary>Bytes that <see cref="Message"/> adds at most.</summary>
    public const int SeqLength = 20;

    public static byte[] Signal(ReadOnlySpan<byte> data, UserId sender)
    {
        Span<byte> end = stackalloc byte[48];
        var length = Format(end, $"\",\"from_user_id\":{sender.Number}}}");
        return [.. "{\"type\":\"signal\",\"data\":\""u8, .. data, .. end[..length]];
    }

    // These two go out with every message: no text is made on the way.
    public static byte[] Sent(long? id, long seq, bool duplicate)
    {
        Span<byte> frame = stackalloc byte[96];
        var length = Format(frame, $"{{\"type\":\"sent\"");
        if (id is not null)
        {
            length += Format(frame[length..], $",\"id\":{id.Value}");
        }

        length += Format(frame[length..], $",\"seq\":{seq}");
        length += Format(frame[length..], $"{(duplicate ? ",\"duplicate\":true}" : "}")}");
        return frame[..length].ToArray();
    }

    public static byte[] Delivered(long seq)
    {
        Span<byte> frame = stackalloc byte[64];
        return frame[..Format(frame, $"{{\"type\":\"delivered\",\"seq\":{seq}}}")].ToArray();
    }

    public static byte[] Ready(SessionId session, long seq, long lastId, long delivered) => Write(
        $"{{\"type\":\"ready\",\"session\":\"{session.Hex}\",\"seq\":{seq},\"last_id\":{lastId},\"delivered\":{delivered}}}");

    public static byte[] Presence(UserId user, bool online) => Write(
        $"{{\"type\":\"presence\",\"user_id\":{user.Number},\"online\":{(online ? "true" : "false")}}}");

    public static byte[] Handshake(UserId user) => Write($"{{\"type\":\"handshake\",\"user_id\":{user.Number}}}");

    public static byte[] Authenticated(DateTimeOffset expiresAt) => Write(
        $"{{\"type\":\"authenticated\",\"expires_at\":{expiresAt.ToUnixTimeMilliseconds()}}}");

    public static byte[] Error(FrameFault fault, long? expected = null) => Write(
        $"{{\"type\":\"error\",\"code\":{fault.Number},\"error\":\"{JsonEncodedText.Encode(fault.Sentence)}\"{Field("id", fault.Id)}{Field("expected", expected)}{(fault.Of is null ? "" : $",\"of\":\"{fault.Of}\"")}}}");

    private static string Field(string name, long? number) =>
        number is null ? "" : string.Create(CultureInfo.InvariantCulture, $",\"{name}\":{number.Value}");

    private static byte[] Write(FormattableString frame) => Encoding.UTF8.GetBytes(FormattableString.Invariant(frame));

    private static int Format(Span<byte> buffer, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(buffer))] ref System.Text.Unicode.Utf8.TryWriteInterpolatedStringHandler text) =>
        System.Text.Unicode.Utf8.TryWrite(buffer, CultureInfo.InvariantCulture, ref text, out var written)
            ? written
            : throw new InvalidOperationException("The frame's fixed parts are longer than their bound.");
}
