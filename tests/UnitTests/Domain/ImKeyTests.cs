using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class ImKeyTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_generated_key_has_the_size_asked_for_and_is_spelled_in_lower_case_hex(int size) =>
        Assert.Matches($"^[0-9a-f]{{{size * 2}}}$", ImKey.Generate(size).ToHex());

    [Theory]
    [InlineData(7)]
    [InlineData(65)]
    public void No_key_is_shorter_or_longer_than_the_limits(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ImKey.Generate(size));
        Assert.Equal(Errors.NotAKeySize, ImKey.Of(new byte[size]).Error);
    }

    [Fact]
    public void No_two_generated_keys_are_the_same() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => ImKey.Generate(8).ToHex()).Distinct().Count());

    [Fact]
    public void A_key_prints_nothing_of_itself()
    {
        var key = ImKey.Generate(32);

        Assert.Equal("[redacted]", key.ToString());
        Assert.Equal("[redacted]", $"{key}");
    }

    [Fact]
    public void Keys_of_the_same_bytes_are_equal_and_others_are_not()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        var key = ImKey.Of(bytes).Value;

        Assert.Equal(key, ImKey.Of(bytes).Value);
        Assert.Equal(key.GetHashCode(), ImKey.Of(bytes).Value.GetHashCode());
        Assert.NotEqual(key, ImKey.Of([1, 2, 3, 4, 5, 6, 7, 9]).Value);
        Assert.NotEqual(key, ImKey.Of([1, 2, 3, 4, 5, 6, 7, 8, 0]).Value);
        Assert.False(key.Equals(null));
    }

    [Fact]
    public void A_key_does_not_change_with_the_bytes_it_was_made_of()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        var key = ImKey.Of(bytes).Value;

        bytes[0] = 99;

        Assert.Equal("0102030405060708", key.ToHex());
    }
}
