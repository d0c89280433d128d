using Im.Application.Messaging;
using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>Turns the scripts' small tagged arrays into domain types.</summary>
internal static class RedisReply
{
    /// <summary>The reply's parts, or why there are none.</summary>
    public static Result<RedisResult[]> Read(Result<RedisResult> evaluated)
    {
        if (!evaluated.IsOk)
        {
            return evaluated.Error;
        }

        var parts = (RedisResult[])evaluated.Value!;
        return (string?)parts[0] switch
        {
            "lost" or "went_back" => Errors.SessionLost,
            "ended" => Errors.SessionEnded,
            "taken_over" => Errors.TakenOver,
            "raced" => Errors.ConnectionRaced,
            "none" => Errors.NoSession,
            "beyond" => Errors.AcknowledgedBeyond,
            "mode_mismatch" => Errors.KeyModeMismatch,
            "limited" => Errors.RateLimited(TimeSpan.FromMinutes(1)),
            _ => parts,
        };
    }

    /// <summary>Whether the store's values are older than what the caller has seen: the session must be abandoned.</summary>
    public static bool WentBack(Result<RedisResult> evaluated) =>
        evaluated.IsOk && (string?)evaluated.Value[0] == "went_back";

    /// <summary>Reads what <c>progress</c> in <c>progress.lua</c> returns.</summary>
    public static SessionProgress ReadProgress(ReadOnlySpan<RedisResult> parts) => new()
    {
        LastSeq = (long)parts[0],
        Acknowledged = (long)parts[1],
        LastId = (long)parts[2],
        SentSeq = (long)parts[3],
        Delivered = (long)parts[4],
        PeerEpoch = (long)parts[5],
        PeerOnline = (long)parts[6] == 1,
        PeerHandshake = (string?)parts[7] is { Length: > 0 } id ? SessionId.Parse(id).Value : null,
    };
}
