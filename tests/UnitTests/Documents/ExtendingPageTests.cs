using System.Text.RegularExpressions;

namespace Im.UnitTests.Documents;

/// <summary>The code in <c>docs/extending.md</c> is that of the sample, which is built and tested.</summary>
public sealed partial class ExtendingPageTests
{
    private static readonly Page Extending = Page.Read("docs", "extending.md");

    private static readonly List<(string Path, string Code)> Shown =
        [.. Block().Matches(Extending.Text).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    [Fact]
    public void Every_block_of_the_page_stands_in_the_file_that_it_names() =>
        Assert.Empty(Shown.Where(block => !Page.Read(block.Path).Text.Contains(block.Code, StringComparison.Ordinal)).Select(block => block.Path));

    [Fact]
    public void No_block_of_the_page_names_no_file() =>
        Assert.Equal(Extending.Blocks().Count(), Shown.Count);

    [Fact]
    public void The_page_shows_the_whole_sample()
    {
        var folder = Path.Combine("samples", "Contacts");
        var files = Page.FilesBelow(folder, "*.cs").Concat(Page.FilesBelow(folder, "*.csproj")).Select(file => Path.GetRelativePath(Repository.Root, file)).ToList();

        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => !Shown.Contains((file, Page.Read(file).Text))));
    }

    [GeneratedRegex("`(samples/[^`\n]+)`:\n\n```\\w+\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Block();
}
