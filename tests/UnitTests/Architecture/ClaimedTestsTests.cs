using System.Text.RegularExpressions;

namespace Im.UnitTests.Architecture;

/// <summary>What these pages claim has a test that claims the same.</summary>
public sealed partial class ClaimedTestsTests
{
    private static readonly string Root = Repository();

    [Theory]
    [InlineData("delivery.md")]
    [InlineData("hostile-input.md")]
    public void Every_test_that_the_page_names_exists(string page)
    {
        var sources = Directory.GetFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var named = NamedTest().Matches(File.ReadAllText(Path.Combine(Root, "docs", page))).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value));

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(test => !sources.Any(source =>
            source.Contains($" class {test.Class}", StringComparison.Ordinal) && source.Contains($" {test.Method}(", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_item_about_hostile_input_has_a_test_or_says_why_there_is_none()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Root, "docs", "hostile-input.md"))).Select(match => match.Value).ToList();

        Assert.NotEmpty(rows);
        Assert.Empty(rows.Where(row => !NamedTest().IsMatch(row) && !row.Contains("Does not apply: ", StringComparison.Ordinal)));
    }

    private static string Repository()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Im.sln")))
        {
            root = root.Parent!;
        }

        return root.FullName;
    }

    [GeneratedRegex("^\\| [A-Z].*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex NamedTest();
}
