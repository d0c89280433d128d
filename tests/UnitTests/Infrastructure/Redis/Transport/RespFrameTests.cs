using CsCheck;
using Im.Infrastructure.Redis.Transport;

namespace Im.UnitTests.Infrastructure.Redis.Transport;

public sealed class RespFrameTests
{
    private const int MaxLength = 64 * 1024 * 1024;

    private static readonly Gen<byte[]> AnyRespLikeBytes = Gen.OneOf(
        SomeResp.SomeOf("*", "$", "+", ":", "-", "\r\n", "\r", "\n", "0", "3", "-1", "2147483647", "67108863", "99999999999", "message", " ").Select(SomeResp.Bytes),
        Gen.Byte.Array[0, 5]).Array[0, 30].Select(words => words.SelectMany(word => word).ToArray());

    [Fact]
    public void A_value_is_measured_at_its_length_whatever_comes_after_it() =>
        Gen.Select(SomeResp.AnyValue, Gen.Byte.Array[0, 20]).Sample((value, after) => RespFrame.Measure([.. value, .. after]) == value.Length, iter: 20_000);

    [Fact]
    public void No_proper_beginning_of_a_value_is_taken_for_complete_or_for_something_else() =>
        SomeResp.AnyValue.Sample(value => Enumerable.Range(0, value.Length).All(length => RespFrame.Measure(value.AsSpan(0, length)) == 0), iter: 5_000);

    [Fact]
    public void Whatever_the_bytes_measuring_never_throws_and_never_goes_beyond_them() =>
        AnyRespLikeBytes.Sample(bytes => RespFrame.Measure(bytes) is >= -1 and var length && length <= bytes.Length, iter: 100_000);

    [Fact]
    public void Whatever_the_bytes_taking_a_string_never_throws_and_takes_only_what_is_there() =>
        Gen.OneOf(AnyRespLikeBytes, SomeResp.AnyValue).Sample(
            bytes =>
            {
                ReadOnlySpan<byte> rest = bytes;
                return RespFrame.TryTakeBulk(ref rest, out var bulk)
                    ? bytes.AsSpan().StartsWith([.. SomeResp.Bytes($"${bulk.Length}"), .. "\r\n"u8, .. bulk])
                      || bytes[1] is (byte)'0' or (byte)'+' or (byte)'-' // Another way to write the same number.
                    : bulk.IsEmpty && rest.Length == bytes.Length;
            },
            iter: 100_000);

    [Fact]
    public void Strings_are_taken_one_after_the_other()
    {
        ReadOnlySpan<byte> rest = [.. SomeResp.Bulk([1, 2]), .. SomeResp.Bulk([]), .. "+OK\r\n"u8];

        Assert.True(RespFrame.TryTakeBulk(ref rest, out var first));
        Assert.Equal([1, 2], first.ToArray());
        Assert.True(RespFrame.TryTakeBulk(ref rest, out var second));
        Assert.Empty(second.ToArray());
        Assert.False(RespFrame.TryTakeBulk(ref rest, out _));
        Assert.Equal("+OK\r\n"u8.ToArray(), rest.ToArray());
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("_\r\n")]
    [InlineData(">2\r\n$7\r\nmessage\r\n:1\r\n")]
    [InlineData("$five\r\n")]
    [InlineData("$67108864\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n")]
    public void What_is_not_of_the_protocol_or_too_long_or_too_deep_is_not_measured(string text) => Assert.Equal(-1, RespFrame.Measure(SomeResp.Bytes(text)));

    [Fact]
    public void A_frame_of_many_parts_that_is_not_complete_within_the_limit_is_not_measured_either()
    {
        var bytes = new byte[MaxLength];
        var half = SomeResp.Bytes($"*3\r\n${MaxLength / 2}\r\n");
        half.CopyTo(bytes, 0);
        SomeResp.Bytes($"${MaxLength / 2}\r\n").CopyTo(bytes, half.Length + (MaxLength / 2) + 2);

        Assert.Equal(0, RespFrame.Measure(bytes.AsSpan(0, MaxLength - 1)));
        Assert.Equal(-1, RespFrame.Measure(bytes));
    }
}
