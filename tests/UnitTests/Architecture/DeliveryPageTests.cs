using System.Text.RegularExpressions;

namespace Im.UnitTests.Architecture;

/// <summary>What <c>docs/delivery.md</c> claims has a test that claims the same.</summary>
public sealed partial class DeliveryPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Im.sln")))
        {
            root = root.Parent!;
        }

        var sources = Directory.GetFiles(Path.Combine(root.FullName, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var named = NamedTest().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs", "delivery.md"))).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value));

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(test => !sources.Any(source =>
            source.Contains($" class {test.Class}", StringComparison.Ordinal) && source.Contains($" {test.Method}(", StringComparison.Ordinal))));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex NamedTest();
}
