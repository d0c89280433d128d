using System.Text.RegularExpressions;

namespace Im.UnitTests.Documents;

/// <summary>A page of the repository, read for what tests compare with the code: headings, tables, blocks of code, links.</summary>
internal sealed partial record Page(string Path, string Text)
{
    private static readonly string[] Skipped = ["/bin/", "/obj/", "/node_modules/", "/.git/", "/TestResults/"];

    /// <summary>A page by its path from the root.</summary>
    public static Page Read(params string[] path) =>
        new(System.IO.Path.Combine(path), Repository.Read(path).ReplaceLineEndings("\n"));

    /// <summary>Every page of the repository.</summary>
    public static IReadOnlyList<Page> All { get; } =
        [.. FilesBelow(Repository.Root, "*.md").Select(file => Read(System.IO.Path.GetRelativePath(Repository.Root, file)))];

    /// <summary>The sources of a folder; what a build makes is not among them.</summary>
    public static IEnumerable<string> FilesBelow(string folder, string pattern) => Directory
        .EnumerateFiles(System.IO.Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories)
        .Where(file => !Skipped.Any(System.IO.Path.GetRelativePath(Repository.Root, file).Insert(0, "/").Contains))
        .Order(StringComparer.Ordinal);

    /// <summary>What stands under a heading, up to the next one of the same rank or a higher one.</summary>
    public Page Section(string heading)
    {
        var start = Regex.Match(Text, $"^(#+) {Regex.Escape(heading)}$", RegexOptions.Multiline);
        Assert.True(start.Success, $"{Path} has no heading '{heading}'.");
        var rest = Text[(start.Index + start.Length)..];
        var end = Regex.Match(rest, $"^#{{1,{start.Groups[1].Length}}} ", RegexOptions.Multiline);
        return this with { Text = end.Success ? rest[..end.Index] : rest };
    }

    /// <summary>The rows of all tables, without their heads; a cell's escaped bar is a bar.</summary>
    public IReadOnlyList<string[]> Rows()
    {
        var rows = new List<string[]>();
        var lines = Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isHead = i + 1 < lines.Length && lines[i + 1].StartsWith("|--", StringComparison.Ordinal);
            if (lines[i].StartsWith('|') && !lines[i].StartsWith("|--", StringComparison.Ordinal) && !isHead)
            {
                rows.Add([.. Bar().Split(lines[i].Trim().Trim('|')).Select(cell => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal))]);
            }
        }

        return rows;
    }

    /// <summary>What stands in backticks in this text.</summary>
    public static IEnumerable<string> Quoted(string text) => Backticks().Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>The blocks of code, with their language.</summary>
    public IEnumerable<(string Language, string Code)> Blocks() =>
        Block().Matches(Text).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    /// <summary>The page without its blocks of code.</summary>
    public string Prose() => Block().Replace(Text, "\n");

    /// <summary>Headings, with their rank.</summary>
    public IEnumerable<(int Rank, string Text)> Headings() =>
        Heading().Matches(Prose()).Select(match => (match.Groups[1].Length, match.Groups[2].Value.Trim()));

    /// <summary>Where links of this page lead: the addresses as they are written.</summary>
    public IEnumerable<string> Links() => Link().Matches(Code().Replace(Prose(), "")).Select(match => match.Groups[1].Value);

    /// <summary>The anchors of the headings, as GitHub makes them.</summary>
    public IEnumerable<string> Anchors()
    {
        var seen = new Dictionary<string, int>();
        foreach (var (_, heading) in Headings())
        {
            var plain = Regex.Replace(heading, @"\[([^\]]*)\]\([^)]*\)", "$1").ToLowerInvariant();
            var anchor = Regex.Replace(plain, @"[^\p{L}\p{N}\s_-]", "").Replace(' ', '-');
            var before = seen.GetValueOrDefault(anchor);
            seen[anchor] = before + 1;
            yield return before == 0 ? anchor : $"{anchor}-{before}";
        }
    }

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backticks();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex("^```(\\w*)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(#+) (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
