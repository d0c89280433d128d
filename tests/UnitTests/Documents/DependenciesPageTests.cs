using System.Text.Json;
using System.Xml.Linq;

namespace Im.UnitTests.Documents;

/// <summary>Every package has a reason in <c>docs/dependencies.md</c>, and what is named there is used.</summary>
public sealed class DependenciesPageTests
{
    private static readonly IReadOnlyList<string[]> Rows = Page.Read("docs", "dependencies.md").Rows();

    [Fact]
    public void Every_package_is_in_a_table_once_and_every_row_is_a_package()
    {
        var central = XDocument.Parse(Page.Read("Directory.Packages.props").Text).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value);
        var browser = JsonDocument.Parse(Page.Read("clients", "web", "package.json").Text).RootElement;
        var npm = new[] { "dependencies", "devDependencies" }
            .Where(kind => browser.TryGetProperty(kind, out _))
            .SelectMany(kind => browser.GetProperty(kind).EnumerateObject().Select(package => package.Name));

        Assert.Equal(central.Concat(npm).Order(StringComparer.Ordinal), Rows.Select(Name).Order(StringComparer.Ordinal));
        Assert.All(Rows, row => Assert.All(row, cell => Assert.NotEmpty(cell)));
    }

    [Fact]
    public void Whoever_references_a_package_is_named_beside_it()
    {
        var where = Rows.ToDictionary(Name, row => row[1]);
        var references =
            from file in Page.FilesBelow("", "*.csproj")
            let project = Path.GetFileNameWithoutExtension(file)
            from reference in XDocument.Load(file).Descendants("PackageReference")
            select (Project: project, Package: reference.Attribute("Include")!.Value);

        Assert.NotEmpty(references);
        Assert.Empty(references.Where(reference => !where[reference.Package].Contains(reference.Project, StringComparison.Ordinal)
            && !(reference.Project.EndsWith("Tests", StringComparison.Ordinal) && where[reference.Package] == "tests")));
    }

    [Fact]
    public void No_version_is_repeated() =>
        Assert.DoesNotMatch(@"\b\d+\.\d+\.\d+\b", Page.Read("docs", "dependencies.md").Prose());

    private static string Name(string[] row) => Page.Quoted(row[0]).Single();
}
