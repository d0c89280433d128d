namespace Im.UnitTests.Documents;

/// <summary><c>README.zh-CN.md</c> says what <c>README.md</c> says: whoever changes one changes the other.</summary>
public sealed class TranslationTests
{
    private static readonly Page English = Page.Read("README.md");

    private static readonly Page Chinese = Page.Read("README.zh-CN.md");

    [Fact]
    public void Both_have_the_same_blocks_of_code_in_the_same_order() => Assert.Equal(English.Blocks(), Chinese.Blocks());

    [Fact]
    public void Both_have_headings_of_the_same_ranks() =>
        Assert.Equal(English.Headings().Select(heading => heading.Rank), Chinese.Headings().Select(heading => heading.Rank));

    [Fact]
    public void Both_have_the_same_links_but_for_those_to_each_other()
    {
        Assert.Contains("README.zh-CN.md", English.Links());
        Assert.Contains("README.md", Chinese.Links());
        Assert.Equal(
            English.Links().Where(link => link != "README.zh-CN.md").Order(StringComparer.Ordinal),
            Chinese.Links().Where(link => link != "README.md").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Both_have_the_same_tables_with_the_same_code_in_them()
    {
        Assert.Equal(English.Rows().Select(row => row.Length), Chinese.Rows().Select(row => row.Length));
        Assert.Equal(English.Rows().SelectMany(row => row.SelectMany(Page.Quoted)), Chinese.Rows().SelectMany(row => row.SelectMany(Page.Quoted)));
    }

    [Fact]
    public void Both_name_the_same_code_in_every_section()
    {
        var english = Sections(English);
        var chinese = Sections(Chinese);

        Assert.Equal(english.Count, chinese.Count);
        Assert.All(english.Zip(chinese), pair => Assert.Equal(
            Page.Quoted(pair.First).Order(StringComparer.Ordinal),
            Page.Quoted(pair.Second).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Both_have_as_many_paragraphs_and_points_in_every_section()
    {
        Assert.All(Sections(English).Zip(Sections(Chinese)), pair => Assert.Equal(Parts(pair.First), Parts(pair.Second)));

        static (int Paragraphs, int Points) Parts(string section)
        {
            var paragraphs = section.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return (paragraphs.Length, paragraphs.Sum(paragraph => paragraph.Split('\n').Count(line => line.StartsWith("- ", StringComparison.Ordinal))));
        }
    }

    private static List<string> Sections(Page page) => [.. System.Text.RegularExpressions.Regex.Split(page.Prose(), "^#+ .*$", System.Text.RegularExpressions.RegexOptions.Multiline)];
}
