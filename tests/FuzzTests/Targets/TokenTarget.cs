using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Im.Application.Accounts;
using Im.Domain;
using Im.FuzzTests.Engine;
using Im.WebApi.Security;

namespace Im.FuzzTests.Targets;

/// <summary>
/// A token as it came. An input of two lines that begins with a brace is header and payload, and is signed here: the reader
/// of claims must hold against an issuer, too. Any other input is a whole token.
/// </summary>
internal sealed class TokenTarget : FuzzTarget
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("a-key-of-the-tests-that-signs-nothing-else");

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly TokenValidator _validator = new(new JwtOptions { SigningKey = Encoding.ASCII.GetString(Key) }, new StoppedClock());

    public override string Name => "token";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "\"id\":", "\"exp\":", "\"nbf\":", "\"iat\":", "\"alg\":", "\"HS256\"", "\"none\"", "\"RS256\"", "\"HS512\"", "\"typ\":\"JWT\"", "\"kid\":", "\"crit\":[\"x\"]", "\"zip\":\"DEF\"",
        ".", "..", "-", "_", "=", "\n", "{", "}", "[", "]", ",", "\\ud800", "\\u0000", "null", "true", "1767229200", "253402300800", "1e400", "\"9\"", "eyJ",
    }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 65_536 + (600L * length);

    public override int Run(byte[] input)
    {
        var isSigned = Compose(input, out var token);
        var judging = _validator.ValidateAsync(token).AsTask();
        Holds(judging.IsCompleted, "It waits for somebody.");
        var validated = judging.GetAwaiter().GetResult();
        if (validated is null)
        {
            return (isSigned ? 1 : 0) + (token.AsSpan().Count('.') * 2);
        }

        Holds(HasGoodSignature(token), "A token with a wrong signature is good.");
        Holds(validated.User.Number is >= 1 and <= UserId.MaxValue, "It names somebody who cannot be.");
        Holds(validated.ExpiresAt > Now - TokenValidator.ClockSkew && validated.ExpiresAt.Year <= 9000, "It is expired, or has no end.");
        Holds(validated.IssuedAt.Year <= 9000, "It was issued after all time.");
        var parts = token.Split('.');
        Holds(parts.Length == 3, "It has not three parts.");
        using var header = FirstValue(parts[0]);
        Holds(header.RootElement.GetProperty("alg").GetString() == "HS256", "Another algorithm is good.");
        using var payload = JsonDocument.Parse(Decode(parts[1]));
        Holds(payload.RootElement.GetProperty("id").ToString() == validated.User.ToString(), "It names somebody else.");
        return 1000 + (isSigned ? 1 : 0) + (validated.IssuedAt == DateTimeOffset.MinValue ? 2 : 0) + ((int)payload.RootElement.GetProperty("id").ValueKind * 4)
            + (payload.RootElement.TryGetProperty("nbf", out _) ? 64 : 0);
    }

    /// <summary>What stands behind it the library does not look at, and it is signed like the rest.</summary>
    private static JsonDocument FirstValue(string part)
    {
        var reader = new Utf8JsonReader(Decode(part));
        return JsonDocument.ParseValue(ref reader);
    }

    private static bool Compose(byte[] input, out string token)
    {
        var line = input.AsSpan().IndexOf((byte)'\n');
        if (input is not [(byte)'{', ..] || line < 0)
        {
            token = Encoding.Latin1.GetString(input);
            return false;
        }

        var signed = $"{Base64Url.EncodeToString(input.AsSpan(0, line))}.{Base64Url.EncodeToString(input.AsSpan(line + 1))}";
        token = $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(signed)))}";
        return true;
    }

    private static bool HasGoodSignature(string token)
    {
        var end = token.LastIndexOf('.');
        return HMACSHA256.HashData(Key, Encoding.Latin1.GetBytes(token[..end])).AsSpan().SequenceEqual(Decode(token[(end + 1)..]));
    }

    // Whatever spelling of base64 the library took: only the bytes are compared.
    private static byte[] Decode(string text)
    {
        var plain = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return Convert.FromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '='));
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
