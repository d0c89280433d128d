using System.Globalization;
using System.Text;
using System.Text.Json;
using Im.Client.Wire;

namespace Im.Client.Messaging;

/// <summary>Writes the client's frames.</summary>
internal static class ClientFrames
{
    /// <param name="data">Base64url: nothing in it needs to be escaped.</param>
    /// <param name="id">The message's.</param>
    public static byte[] Msg(string data, long id) => Write($"{{\"type\":\"msg\",\"data\":\"{data}\",\"id\":{id}}}");

    public static byte[] Ack(long seq) => Write($"{{\"type\":\"ack\",\"seq\":{seq}}}");

    /// <param name="data">Base64url.</param>
    public static byte[] Signal(string data) => Write($"{{\"type\":\"signal\",\"data\":\"{data}\"}}");

    public static byte[] Auth(string token) => JsonSerializer.SerializeToUtf8Bytes(new AuthFrame("auth", token), WireJson.Default.AuthFrame);

    private static byte[] Write(FormattableString frame) => Encoding.UTF8.GetBytes(frame.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A token is whatever somebody gave, so it is escaped as JSON wants it.</summary>
internal sealed record AuthFrame(string Type, string Token)
{
    public override string ToString() => "[redacted]";
}

/// <summary>What is inside a signal. Of the types, only <c>typing</c> is known.</summary>
internal sealed record SignalText(string? Type, bool? Typing);
