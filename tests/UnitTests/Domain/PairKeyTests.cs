using CsCheck;
using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class PairKeyTests
{
    [Fact]
    public void A_pair_has_no_order() =>
        Gen.Select(Some.AnyUser, Some.AnyUser)
            .Where((one, other) => one != other)
            .Sample((one, other) => PairKey.Of(one, other).Value == PairKey.Of(other, one).Value);

    [Fact]
    public void A_pair_knows_its_two_users_by_number_and_no_third() =>
        Gen.Select(Some.AnyUser, Some.AnyUser, Some.AnyUser)
            .Where((one, other, third) => one != other && third != one && third != other)
            .Sample((one, other, third) =>
            {
                var pair = PairKey.Of(one, other).Value;
                return pair.Lower < pair.Higher && pair.Contains(one) && pair.Contains(other) && !pair.Contains(third)
                    && pair.PeerOf(one) == other && pair.PeerOf(other) == one;
            });

    [Fact]
    public void Nobody_pairs_with_themselves() => Assert.Equal(Errors.PairWithOneself, PairKey.Of(Some.Ann, Some.User(9)).Error);

    [Fact]
    public void Nine_comes_before_ten() => Assert.Equal(Some.Ann, PairKey.Of(Some.Bob, Some.Ann).Value.Lower);

    [Fact]
    public void Asking_for_the_peer_of_a_stranger_is_a_bug() =>
        Assert.Throws<ArgumentException>(() => Some.AnnAndBob.PeerOf(Some.Eve));
}
