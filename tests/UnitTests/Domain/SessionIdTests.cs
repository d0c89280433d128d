using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class SessionIdTests
{
    [Fact]
    public void A_generated_session_id_is_128_random_bits_in_hex()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => SessionId.Generate().Hex).ToList();

        Assert.Equal(1000, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }

    [Fact]
    public void A_session_id_is_read_back_from_its_hex()
    {
        var id = SessionId.Generate();

        Assert.Equal(id, SessionId.Parse(id.Hex).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    public void Other_text_is_none(string text) => Assert.Equal(Errors.NotASessionId, SessionId.Parse(text).Error);

    [Fact]
    public void A_session_id_prints_nothing_of_itself_even_inside_a_session() =>
        Assert.DoesNotMatch("[0-9a-f]{32}", new Session(Some.AnnAndBob, SessionId.Generate()).ToString());
}
