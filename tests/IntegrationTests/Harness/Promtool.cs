using System.Diagnostics;

namespace Im.IntegrationTests.Harness;

/// <summary>Prometheus's own checks of what it is given.</summary>
internal static class Promtool
{
    /// <summary>Why a test that needs it is skipped.</summary>
    public const string NotInstalled = "promtool is not installed (Debian: package prometheus).";

    /// <summary>Runs it on a text, and fails the test with what it says unless it finds nothing. Skips the test where it is not installed.</summary>
    public static async Task AcceptsAsync(string text, params string[] arguments)
    {
        Assert.SkipUnless(Executable.Find("promtool") is not null, NotInstalled);
        var start = new ProcessStartInfo(Executable.Find("promtool")!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(4 * Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, string.Join('\n', await said));
    }
}
