using CsCheck;
using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class UserIdTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9007199254740991)]
    public void A_user_id_is_an_integer_that_every_JSON_reader_holds_exactly(long number) => Assert.Equal(number, UserId.Of(number).Value.Number);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(9007199254740992)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Any_other_integer_is_none(long number) => Assert.Equal(Errors.NotAUserId, UserId.Of(number).Error);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("0x1")]
    [InlineData("1\0")]
    [InlineData("١")]
    [InlineData("9007199254740992")]
    [InlineData("10000000000000000")]
    [InlineData("one")]
    public void Text_that_is_not_the_plain_spelling_of_one_is_refused(string text) => Assert.Equal(Errors.NotAUserId, UserId.Parse(text).Error);

    [Fact]
    public void Every_user_id_is_spelled_in_one_way_and_read_back_from_it() =>
        Some.AnyUser.Sample(user => UserId.Parse(user.ToString()).Value == user);

    [Fact]
    public void What_is_read_at_all_is_spelled_as_it_was_written() =>
        Gen.String[Gen.Char["0159+-. \0٣"], 0, 4].Sample(text => !UserId.Parse(text).IsOk || UserId.Parse(text).Value.ToString() == text);

    [Fact]
    public void Users_are_ordered_as_numbers_and_not_as_text()
    {
        Assert.True(Some.Ann < Some.Bob && Some.Bob > Some.Ann);
        Assert.True(Some.Ann <= Some.User(9) && Some.Ann >= Some.User(9));
    }
}
