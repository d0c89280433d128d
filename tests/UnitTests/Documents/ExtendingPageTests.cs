using System.Text.RegularExpressions;

namespace Im.UnitTests.Architecture;

/// <summary>The code in <c>docs/extending.md</c> is that of the sample, which is built and tested.</summary>
public sealed partial class ExtendingPageTests
{
    private static readonly string Root = Repository();

    private static readonly List<(string Path, string Code)> Shown =
        [.. Block().Matches(File.ReadAllText(Path.Combine(Root, "docs", "extending.md"))).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    [Fact]
    public void Every_block_of_the_page_stands_in_the_file_that_it_names() =>
        Assert.Empty(Shown.Where(block => !File.ReadAllText(Path.Combine(Root, block.Path)).Contains(block.Code, StringComparison.Ordinal)).Select(block => block.Path));

    [Fact]
    public void No_block_of_the_page_names_no_file() =>
        Assert.Equal(Fence().Count(File.ReadAllText(Path.Combine(Root, "docs", "extending.md"))), 2 * Shown.Count);

    [Fact]
    public void The_page_shows_the_whole_sample()
    {
        var folder = Path.Combine(Root, "samples", "Contacts");
        var files = Directory.GetFiles(folder, "*.cs").Concat(Directory.GetFiles(folder, "*.csproj")).ToList();

        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => !Shown.Any(block => Path.Combine(Root, block.Path) == file && block.Code == File.ReadAllText(file))));
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

    [GeneratedRegex("`(samples/[^`\n]+)`:\n\n```\\w+\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^```", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
