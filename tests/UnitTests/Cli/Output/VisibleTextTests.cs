using System.Globalization;
using System.Text;
using CsCheck;
using Im.Cli.Output;

namespace Im.UnitTests.Cli.Output;

public sealed class VisibleTextTests
{
    [Fact]
    public void Nothing_that_a_terminal_obeys_is_left_of_any_text() => Gen.Char.Array.Sample(chars =>
        VisibleText.Of(new string(chars)).EnumerateRunes().All(rune => Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)));

    [Theory]
    [InlineData("\e]0;owned\a", "␛]0;owned␇")]
    [InlineData("\u009b31m", "\ufffd31m")]
    [InlineData("one\r\ntwo", "one␍␊two")]
    [InlineData("a\tb", "a    b")]
    [InlineData("\u007f", "␡")]
    [InlineData("abc\u202egpj.exe", "abc\ufffdgpj.exe")]
    [InlineData("\u2066\u200e\ufeff", "\ufffd\ufffd\ufffd")]
    [InlineData("a\u2028b", "a\ufffdb")]
    [InlineData("\U000e0041", "\ufffd")]
    public void A_control_shows_as_a_sign(string text, string expected) => Assert.Equal(expected, VisibleText.Of(text));

    [Theory]
    [InlineData("[red]not markup[/]")]
    [InlineData("naïve 中文 עברית")]
    [InlineData("👩‍👩‍👧 می‌خواهم")]
    public void Writing_is_left_as_it_is(string text) => Assert.Equal(text, VisibleText.Of(text));
}
