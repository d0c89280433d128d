using System.Diagnostics;
using System.Runtime.InteropServices;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Deploy;

/// <summary>What systemd itself says of the units; none is started here.</summary>
public sealed class SystemdTests
{
    private const string NotInstalled = "systemd-analyze is not installed (Debian: package systemd).";

    [Fact]
    public async Task Systemd_takes_the_unit()
    {
        var folder = Directory.CreateTempSubdirectory("im-unit-").FullName;
        try
        {
            // It looks for the program; the runtime may be elsewhere on this machine.
            var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            var unit = Path.Combine(folder, "im@8083.service");
            await File.WriteAllTextAsync(unit, Repository.Read("deploy", "systemd", "im@.service").Replace("/usr/bin/dotnet", dotnet, StringComparison.Ordinal), TestContext.Current.CancellationToken);

            var (status, said) = await AnalyzeAsync("verify", "--man=no", unit);

            Assert.True(status == 0 && !said.Contains("im@8083", StringComparison.Ordinal), said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Systemd_finds_a_node_exposed_by_no_more_than_2_of_10()
    {
        var (status, said) = await AnalyzeAsync("security", "--offline=true", "--threshold=20", "--no-pager", Repository.PathOf("deploy", "systemd", "im@.service"));

        Assert.True(status == 0, said);
    }

    [Fact]
    public void A_node_leaves_no_core_does_not_swap_and_may_compile()
    {
        Assert.Equal(("0", "0"), (SystemdUnit.All("LimitCORE").Single(), SystemdUnit.All("MemorySwapMax").Single()));
        Assert.Empty(SystemdUnit.All("MemoryDenyWriteExecute"));
        Assert.Equal(["Jwt__SigningKey", "Redis__ConnectionString"], SystemdUnit.All("LoadCredential").Select(credential => credential.Split(':')[0]));
    }

    private static async Task<(int Status, string Said)> AnalyzeAsync(params string[] arguments)
    {
        Assert.SkipUnless(Executable.Find("systemd-analyze") is not null, NotInstalled);
        using var process = Process.Start(new ProcessStartInfo(Executable.Find("systemd-analyze")!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(4 * Eventually.Deadline, TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Join('\n', await said));
    }
}
