using CsCheck;
using Im.Domain;

namespace Im.UnitTests.Domain;

/// <summary>Users, pairs and keys for tests, and CsCheck's ways to make any of them.</summary>
internal static class Some
{
    public static readonly UserId Ann = User(9), Bob = User(10), Eve = User(11);

    public static readonly PairKey AnnAndBob = PairKey.Of(Ann, Bob).Value;

    /// <summary>Any user; small numbers often, so that two of them are now and then the same.</summary>
    public static readonly Gen<UserId> AnyUser = Gen.OneOf(Gen.Long[1, 5], Gen.Long[1, UserId.MaxValue]).Select(User);

    public static readonly Gen<PublicKey> AnyPublicKey = Gen.Byte.Array[1, 100].Select(Key);

    public static UserId User(long number) => UserId.Of(number).Value;

    public static PublicKey Key(params byte[] bytes) => PublicKey.Parse(System.Buffers.Text.Base64Url.EncodeToString(bytes)).Value;
}
