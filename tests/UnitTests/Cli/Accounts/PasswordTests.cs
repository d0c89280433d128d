using System.Text;
using Im.Cli.Accounts;
using Im.Cli.Output;

namespace Im.UnitTests.Cli.Accounts;

public sealed class PasswordTests
{
    [Theory]
    [InlineData("correct horse\n", "correct horse")]
    [InlineData("correct horse\r\nand more\n", "correct horse")]
    [InlineData("correct horse", "correct horse")]
    [InlineData(" pass wörd \n", " pass wörd ")]
    public async Task It_is_the_first_line_of_the_input(string input, string expected) =>
        Assert.Equal(expected, await Password.ReadLineAsync(new MemoryStream(Encoding.UTF8.GetBytes(input)), default));

    [Theory]
    [InlineData("")]
    [InlineData("\nsecond\n")]
    public async Task An_empty_line_is_none(string input) =>
        Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<ToolException>(() => Password.ReadLineAsync(new MemoryStream(Encoding.UTF8.GetBytes(input)), default))).ExitCode);
}
