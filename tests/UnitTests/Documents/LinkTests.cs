namespace Im.UnitTests.Documents;

/// <summary>Links between pages lead somewhere.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there()
    {
        var pages = Page.All.ToDictionary(page => page.Path);
        var broken =
            from page in Page.All
            from link in page.Links()
            where !IsElsewhere(link) && !Leads(pages, page, link)
            select $"{page.Path}: {link}";

        Assert.NotEmpty(pages.Values.SelectMany(page => page.Links()));
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_can_be_reached_from_the_README()
    {
        var pages = Page.All.ToDictionary(page => page.Path);
        var reached = new HashSet<string>();
        var next = new Queue<string>(["README.md"]);
        while (next.TryDequeue(out var path))
        {
            if (reached.Add(path))
            {
                foreach (var target in pages[path].Links().Where(link => !IsElsewhere(link)).SelectMany(link => Targets(pages, path, link)))
                {
                    next.Enqueue(target);
                }
            }
        }

        Assert.Empty(pages.Keys.Except(reached));
    }

    private static bool IsElsewhere(string link) => link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal);

    private static bool Leads(Dictionary<string, Page> pages, Page page, string link)
    {
        var (path, anchor) = Parts(page.Path, link);
        var target = Repository.PathOf(path);
        return anchor.Length == 0 ? File.Exists(target) || Directory.Exists(target) : pages.TryGetValue(path, out var other) && other.Anchors().Contains(anchor);
    }

    /// <summary>The pages that a link opens: a folder shows its own.</summary>
    private static IEnumerable<string> Targets(Dictionary<string, Page> pages, string from, string link)
    {
        var (path, _) = Parts(from, link);
        return pages.Keys.Where(page => page == path || Path.GetDirectoryName(page) == path.TrimEnd('/'));
    }

    private static (string Path, string Anchor) Parts(string from, string link)
    {
        var parts = link.Split('#', 2);
        var anchor = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
        var path = parts[0].Length == 0
            ? from
            : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(from)!, Uri.UnescapeDataString(parts[0])));
        return (path, anchor);
    }
}
