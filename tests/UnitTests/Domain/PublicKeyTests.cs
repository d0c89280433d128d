using System.Buffers.Text;
using CsCheck;
using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class PublicKeyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(65)]
    [InlineData(2048)]
    public void A_public_key_has_up_to_2048_bytes(int size)
    {
        var text = Base64Url.EncodeToString(new byte[size]);

        Assert.Equal(text, PublicKey.Parse(text).Value.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2049)]
    [InlineData(1_000_000)]
    public void None_or_more_bytes_are_refused(int size) =>
        Assert.Equal(Errors.NotAPublicKey, PublicKey.Parse(Base64Url.EncodeToString(new byte[size])).Error);

    [Theory]
    [InlineData("A")]
    [InlineData("AAAAA")]
    [InlineData("AB")]
    [InlineData("AA==")]
    [InlineData("AAA=")]
    [InlineData("A+A/")]
    [InlineData("AA A")]
    [InlineData("AA\n")]
    [InlineData("ÄÖÜß")]
    public void Text_that_is_not_unpadded_base64url_is_refused(string text) => Assert.Equal(Errors.NotAPublicKey, PublicKey.Parse(text).Error);

    [Fact]
    public void Any_text_is_read_or_refused_but_never_throws() =>
        Gen.String[Gen.Char["ABCabc019-_+/= \0é"], 0, 20].Sample(text =>
        {
            var parsed = PublicKey.Parse(text);
            return !parsed.IsOk || parsed.Value.Text == text;
        });

    [Fact]
    public void One_key_has_one_spelling() => Some.AnyPublicKey.Sample(key => PublicKey.Parse(key.Text).Value == key);
}
