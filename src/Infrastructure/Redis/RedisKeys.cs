using System.Text;
using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>
/// The only place where a key or a channel gets its name. All names of a pair share one hash tag, so a script touches one
/// slot of a cluster and pairs spread over its shards. Every key has a time to live, always.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>im:{lo_hi}:handshake</c>, hash</term><description>mode, key or public keys, session id, who was first, whether it
/// is completed. Lives until answered at most the handshake's life, then at most the key's retention.</description></item>
/// <item><term><c>im:{lo_hi}:session</c>, hash</term><description><c>id</c>; per user <c>seq:</c> last given, <c>ack:</c> last
/// acknowledged, <c>id:</c> last id of theirs, <c>bytes:</c> waiting, <c>epoch:</c> of the connection, <c>until:</c> when they
/// count as connected, <c>ever:</c> connected at all. Lives the session's life, renewed.</description></item>
/// <item><term><c>im:{lo_hi}:queue:user</c>, list</term><description>what waits for that user, a frame without its seq each;
/// as long as the difference of <c>seq:</c> and <c>ack:</c>. Lives as long as the session.</description></item>
/// <item><term><c>im:{lo_hi}:to:user</c>, channel</term><description>the same at once, and notices; see
/// <see cref="Publication"/>.</description></item>
/// <item><term><c>im:{revoked}:user</c>, string</term><description>until when this user's tokens are revoked, in ms since 1970. Lives as
/// long as such a token could be good. A user is in no pair: all of these share one tag, so that one call asks for many.</description></item>
/// <item><term><c>im:{revoked}:last</c>, string</term><description>a mark that is another one after every revocation: the store's
/// clock in µs. Lives as long as the last of them.</description></item>
/// <item><term><c>im:rate:limit:digest</c>, string</term><description>until when something counts against a rate, in µs since 1970;
/// the digest, keyed by a secret of the nodes, stands for a user, an address, a name. Lives until then. No tag: each is by itself.</description></item>
/// <item><term><c>im:{revoked}</c>, channel</term><description>the same at once: user and moment.</description></item>
/// </list>
/// </remarks>
internal static class RedisKeys
{
    /// <summary>The keys of a pair.</summary>
    public static PairKeys Of(PairKey pair) => new(Encoding.ASCII.GetBytes(Tag(pair)));

    public static RedisKey Revocation(UserId user) => $"{RevocationChannel}:{user}";

    public static RedisKey LastRevocation { get; } = $"{RevocationChannel}:last";

    /// <summary>Bytes of a digest in <see cref="Rate"/>: no two callers share one.</summary>
    public const int RateDigest = 16;

    /// <param name="limit">What is limited; a word of the service's own.</param>
    /// <param name="digest">Who, so that nobody can tell it from the key.</param>
    public static RedisKey Rate(string limit, ReadOnlySpan<byte> digest) => $"im:rate:{limit}:{Convert.ToHexStringLower(digest)}";

    /// <summary>Every revocation, for all nodes.</summary>
    public const string RevocationChannel = "im:{revoked}";

    /// <summary>A channel that nobody publishes on: a node subscribes to it only to see whether subscriptions stand.</summary>
    public const string ProbeChannel = "im:probe";

    /// <summary>No channel's name is longer: three numbers of 16 digits, and what stands between.</summary>
    public const int MaxChannel = 64;

    /// <summary>What concerns this user of the pair; without the marks of a sharded channel, see <see cref="RedisConnection.Channel"/>.</summary>
    public static string Channel(PairKey pair, UserId user) => $"{Tag(pair)}:to:{user}";

    private static string Tag(PairKey pair) => $"im:{{{pair.Lower}_{pair.Higher}}}";

    /// <summary>The keys of one pair; its tag is written once for all of them.</summary>
    internal readonly struct PairKeys(byte[] tag)
    {
        public RedisKey Handshake => Named(":handshake");

        public RedisKey Session => Named(":session");

        public RedisKey Queue(UserId user) => Named($":queue:{user}");

        private RedisKey Named(RedisKey name) => name.Prepend(tag);
    }
}
