using System.Globalization;
using Im.Application.Messaging;
using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>Turns the scripts' small tagged arrays into domain types.</summary>
internal static class RedisReply
{
    /// <summary>The refusal that the caller has to end the session for.</summary>
    public const string WentBackReply = "went_back";

    /// <summary>The reply's parts, or why there are none.</summary>
    public static Result<RedisResult[]> Read(Result<RedisResult> evaluated)
    {
        if (!evaluated.IsOk)
        {
            return evaluated.Error;
        }

        var parts = (RedisResult[])evaluated.Value!;
        return Refusal((string?)parts[0]) is { } refusal ? refusal : parts;
    }

    /// <summary>What a refusal means; null: it is none.</summary>
    public static Error? Refusal(string? reply) => reply switch
    {
        "lost" or WentBackReply => Errors.SessionLost,
        "ended" => Errors.SessionEnded,
        "taken_over" => Errors.TakenOver,
        "raced" => Errors.ConnectionRaced,
        "none" => Errors.NoSession,
        "beyond" => Errors.AcknowledgedBeyond,
        "mode_mismatch" => Errors.KeyModeMismatch,
        "limited" => Errors.RateLimited(TimeSpan.FromMinutes(1)),
        _ => null,
    };

    /// <summary>Whether the store's values are older than what the caller has seen: the session must be abandoned.</summary>
    public static bool WentBack(Result<RedisResult> evaluated) =>
        evaluated.IsOk && (string?)evaluated.Value[0] == WentBackReply;

    /// <summary>Reads what <c>progress</c> in <c>progress.lua</c> returns, with spaces.</summary>
    public static SessionProgress ReadProgress(string reply)
    {
        Span<Range> parts = stackalloc Range[9];
        var text = reply.AsSpan();
        text.Split(parts, ' ');
        return new SessionProgress
        {
            LastSeq = Number(text[parts[1]]),
            Acknowledged = Number(text[parts[2]]),
            LastId = Number(text[parts[3]]),
            SentSeq = Number(text[parts[4]]),
            Delivered = Number(text[parts[5]]),
            PeerEpoch = Number(text[parts[6]]),
            PeerOnline = text[parts[7]] is "1",
            PeerHandshake = text[parts[8]] is { Length: > 0 } id ? SessionId.Parse(id.ToString()).Value : null,
        };
    }

    private static long Number(ReadOnlySpan<char> digits) => long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
