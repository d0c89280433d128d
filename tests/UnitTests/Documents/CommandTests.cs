using System.Text.Json;
using System.Text.RegularExpressions;

namespace Im.UnitTests.Documents;

/// <summary>What pages tell a reader to type exists.</summary>
public sealed partial class CommandTests
{
    private static readonly string Tests = string.Concat(Page.FilesBelow("tests", "*.cs").Select(File.ReadAllText));

    private static readonly string Code = string.Concat(new[] { "src", "tests", "benchmarks" }.SelectMany(folder => Page.FilesBelow(folder, "*.cs")).Select(File.ReadAllText));

    [Fact]
    public void Every_project_and_every_file_of_the_repository_that_a_page_names_is_there()
    {
        var named =
            from page in Page.All
            from Match match in Named().Matches(page.Text)
            select (page.Path, Named: match.Groups[1].Value);

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(file => !Exists(file.Named)).Distinct());
    }

    [Fact]
    public void Every_test_class_that_a_command_names_is_there()
    {
        var classes = Page.All.SelectMany(page => ClassOption().Matches(page.Text).Select(match => match.Groups[1].Value)).ToList();

        Assert.NotEmpty(classes);
        Assert.Empty(classes.Where(name => !Tests.Contains($"class {name[(name.LastIndexOf('.') + 1)..]}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_variable_that_a_command_sets_is_read()
    {
        var variables = Page.All.SelectMany(page => OwnVariable().Matches(page.Text).Select(match => match.Value)).Distinct().ToList();
        var clients = string.Concat(Page.FilesBelow("clients", "*.*").Where(file => Path.GetExtension(file) is ".cs" or ".js" or ".ts").Select(File.ReadAllText));

        Assert.NotEmpty(variables);
        Assert.Empty(variables.Where(name => !Code.Contains($"\"{name}\"", StringComparison.Ordinal) && !clients.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_script_of_npm_that_a_page_names_is_there()
    {
        var package = JsonDocument.Parse(Page.Read("clients", "web", "package.json").Text).RootElement;
        var scripts = package.GetProperty("scripts").EnumerateObject().Select(script => script.Name).ToHashSet();
        var named = Page.All.SelectMany(page => NpmScript().Matches(page.Text).Select(match => match.Groups[1].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(name => !scripts.Contains(name)));
    }

    [Fact]
    public void Every_address_that_the_README_calls_is_served()
    {
        var called = Page.Read("README.md").Blocks().Where(block => block.Language == "sh")
            .SelectMany(block => Address().Matches(block.Code).Select(match => match.Groups[1].Value)).Distinct().ToList();
        var service = string.Concat(Page.FilesBelow("src", "*.cs").Select(File.ReadAllText));
        string[] parts = ["/user", "/register", "/login", "/im", "/get_imKey", "/ws"];

        Assert.NotEmpty(called);
        Assert.All(parts, part => Assert.Contains($"\"{part}\"", service.Replace("\"/im/ws\"", "\"/im\" \"/ws\"", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Empty(called.SelectMany(path => path.Split('/', StringSplitOptions.RemoveEmptyEntries)).Select(part => $"/{part}").Except(parts));
    }

    private static bool Exists(string path)
    {
        var full = Repository.PathOf(path);
        return path.Contains('*', StringComparison.Ordinal) || path.Contains('<', StringComparison.Ordinal) || path.Contains('{', StringComparison.Ordinal)
            ? Directory.Exists(Path.GetDirectoryName(full))
            : File.Exists(full) || Directory.Exists(full) || File.Exists(full + ".csproj");
    }

    // Whatever stands in backticks or behind --project and begins with a folder of the repository.
    [GeneratedRegex(@"(?:`|--project )((?:src|tests|docs|deploy|clients|benchmarks|samples|\.ci)/[\w./*<>{}-]*[\w*>}])")]
    private static partial Regex Named();

    [GeneratedRegex(@"-class (Im\.[\w.]+)")]
    private static partial Regex ClassOption();

    [GeneratedRegex(@"\bIM_[A-Z_]+\b")]
    private static partial Regex OwnVariable();

    [GeneratedRegex(@"npm run ([\w:]+)")]
    private static partial Regex NpmScript();

    [GeneratedRegex(@"(?:\$base|localhost:8083)(/[\w/]+)")]
    private static partial Regex Address();
}
