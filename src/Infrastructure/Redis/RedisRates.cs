using System.Security.Cryptography;
using System.Text;
using Im.Application.Accounts;
using Im.Application.Limits;
using Im.Domain;
using Im.Infrastructure.Garnet;

namespace Im.Infrastructure.Redis;

/// <summary>Rates by <c>rate.lua</c>, one key each.</summary>
internal sealed class RedisRates(RedisConnection connection, GarnetRoom room, JwtOptions jwt, StoreDeadlines deadlines) : IRates
{
    // All nodes derive the same one. There are not so many addresses that nobody could try them all, without a secret in it.
    // Tokens of an authority need none: no address and no name is counted then, only ids, which are in other keys as well.
    private readonly byte[] _secret = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, string.IsNullOrEmpty(jwt.SigningKey) ? "no accounts"u8.ToArray() : jwt.GetKey(), HMACSHA256.HashSizeInBytes, info: "im rates"u8.ToArray());

    public async Task<Result<TimeSpan>> TakeAsync(Rate rate, string whose, CancellationToken cancellationToken)
    {
        // What is counted is written, and would push out what is alive. An embedded store has one node, whose own count is as good.
        if (!room.TryTake(0))
        {
            return Errors.StoreUnavailable;
        }

        var digest = HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(whose)).AsSpan(0, RedisKeys.RateDigest);
        var read = RedisReply.Read(await connection.EvaluateAsync(
            RedisScript.Rate, [RedisKeys.Rate(rate.Name, digest)], [rate.Period, rate.Span], deadlines.Count, cancellationToken));
        return !read.IsOk ? read.Error
            : (string?)read.Value[0] == "taken" ? TimeSpan.Zero
            : TimeSpan.FromMicroseconds((long)read.Value[1]);
    }
}
