using System.Text.RegularExpressions;

namespace Im.UnitTests.Documents;

/// <summary>What a page claims and a test is named for has that test.</summary>
public sealed partial class NamedTestsTests
{
    private static readonly IReadOnlyList<string> Sources =
        [.. Page.FilesBelow("tests", "*Tests.cs").Concat(Page.FilesBelow(Path.Combine("clients", "web", "test"), "*.js")).Select(File.ReadAllText)];

    [Theory]
    [InlineData("docs/delivery.md")]
    [InlineData("docs/threat-model.md")]
    public void Every_test_that_the_page_names_exists(string page)
    {
        var named = NamedTest().Matches(Page.Read(page.Split('/')).Text).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(test => !Sources.Any(source =>
            source.Contains($" class {test.Class}", StringComparison.Ordinal) && source.Contains($" {test.Method}(", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_test_of_the_browser_client_that_the_threat_model_names_exists()
    {
        var named = BrowserTest().Matches(Page.Read("docs", "threat-model.md").Text).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(sentence => !Sources.Any(source => source.Contains($"test(\"{sentence}\"", StringComparison.Ordinal) || source.Contains($"test('{sentence}'", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_cannot_of_the_threat_model_names_a_test()
    {
        var claims = Page.Read("docs", "threat-model.md").Section("What holds each \"cannot\"").Rows();

        Assert.NotEmpty(claims);
        Assert.Empty(claims.Where(row => !NamedTest().IsMatch(row[^1]) && !BrowserTest().IsMatch(row[^1])).Select(row => row[0]));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex("`test\\(\"([^`\"]+)\"\\)`")]
    private static partial Regex BrowserTest();
}
