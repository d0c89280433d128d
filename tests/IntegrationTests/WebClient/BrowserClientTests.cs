using System.Text.Json;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.WebClient;

/// <summary>The browser client <c>clients/web</c>: its own tests, its types, its package, and a talk through a real node.</summary>
public sealed partial class BrowserClientTests(GarnetNode garnet) : IClassFixture<GarnetNode>
{
    /// <summary>Node 20 has a WebSocket only if it is asked for one; a later node does not mind being asked.</summary>
    private static readonly string[] TestRun = ["--experimental-websocket", "--test", "--test-reporter=tap"];

    [Fact]
    public Task Its_own_tests_pass() => PassAsync(NodeJs.TestsIn("test"));

    [Fact]
    public Task Two_of_it_talk_through_a_node_with_either_key() => PassAsync(NodeJs.TestsIn(Path.Combine("test", "service")), garnet.Node.BaseAddress);

    [Fact]
    public async Task Its_types_are_right()
    {
        SkipWithoutCompiler();
        await NodeJs.RunAsync("node", [NodeJs.Compiler, "--noEmit", "-p", "."]);
    }

    [Fact]
    public async Task Its_declarations_are_those_of_its_code()
    {
        SkipWithoutCompiler();
        var folder = Directory.CreateTempSubdirectory("im-types-").FullName;
        try
        {
            await NodeJs.RunAsync("node", [NodeJs.Compiler, "-p", "tsconfig.types.json", "--outDir", folder]);
            Assert.Equal(await ReadAsync(folder), await ReadAsync(NodeJs.Package));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Its_package_holds_the_module_its_declarations_and_its_readme()
    {
        Assert.SkipUnless(NodeJs.IsInstalled, NodeJs.NotInstalled);
        using var answer = JsonDocument.Parse(await NodeJs.RunAsync("npm", ["pack", "--dry-run", "--json"]));
        var package = answer.RootElement.ValueKind is JsonValueKind.Array ? answer.RootElement[0] : answer.RootElement.EnumerateObject().First().Value;
        var files = package.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString());
        Assert.Equal(["README.md", "im-client.d.ts", "im-client.js", "package.json"], files.Order(StringComparer.Ordinal));
    }

    private static async Task PassAsync(IEnumerable<string> files, Uri? service = null)
    {
        Assert.SkipUnless(NodeJs.IsInstalled, NodeJs.NotInstalled);
        var output = await NodeJs.RunAsync("node", [.. TestRun, .. files], service);

        // A run without any test succeeds, too.
        Assert.Matches(SomePassed(), output);
        Assert.Matches(NoneSkipped(), output);
    }

    [GeneratedRegex(@"^# pass [1-9]", RegexOptions.Multiline)]
    private static partial Regex SomePassed();

    [GeneratedRegex(@"^# skipped 0$", RegexOptions.Multiline)]
    private static partial Regex NoneSkipped();

    private static void SkipWithoutCompiler()
    {
        Assert.SkipUnless(NodeJs.IsInstalled, NodeJs.NotInstalled);
        Assert.SkipUnless(File.Exists(NodeJs.Compiler), NodeJs.NoCompiler);
    }

    private static Task<string> ReadAsync(string folder) => File.ReadAllTextAsync(Path.Combine(folder, "im-client.d.ts"), TestContext.Current.CancellationToken);
}
