using System.Diagnostics;
using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.WebClient;

/// <summary>Runs the browser client outside of a browser, by node, which has the same WebCrypto, fetch and WebSocket.</summary>
internal static class NodeJs
{
    /// <summary>Why a test that needs it is skipped.</summary>
    public const string NotInstalled = "node or npm is not installed.";

    /// <summary>Why a test of the types is skipped.</summary>
    public const string NoCompiler = "typescript is not installed: run npm ci in clients/web.";

    /// <summary>Generous: the machine may be busy. Whatever runs longer is killed.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    public static bool IsInstalled { get; } = Executable.Find("node") is not null && Executable.Find("npm") is not null;

    /// <summary>The folder of the package.</summary>
    public static string Package { get; } = Repository.PathOf("clients", "web");

    public static string Compiler { get; } = Path.Combine(Package, "node_modules", "typescript", "bin", "tsc");

    /// <summary>The test files of a folder, as <c>npm test</c> names them.</summary>
    public static IEnumerable<string> TestsIn(string folder) => Directory.GetFiles(Path.Combine(Package, folder), "*.test.js").Order();

    /// <summary>Runs a program in the package's folder to its end; it must succeed.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, Uri? service = null)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Deadline);
        var start = new ProcessStartInfo(Executable.Find(program)!, arguments) { WorkingDirectory = Package, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["IM_SERVER"] = service?.GetLeftPart(UriPartial.Authority) ?? "";
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeUp.Token);
            var errors = process.StandardError.ReadToEndAsync(timeUp.Token);
            await process.WaitForExitAsync(timeUp.Token);
            Assert.True(process.ExitCode == 0, new StringBuilder().Append(await output).Append(await errors).ToString());
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
