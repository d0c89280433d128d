using Im.IntegrationTests.Harness;
using Microsoft.Playwright;

namespace Im.IntegrationTests.Web;

/// <summary>The tests in a browser run one after the other, and after all others: a browser takes the machine for itself.</summary>
[CollectionDefinition(nameof(BrowserSuite), DisableParallelization = true)]
public sealed class BrowserSuite : ICollectionFixture<Chromium>;

/// <summary>The installed Chromium, without a window. Every person gets a profile of their own in it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string NotInstalled = "chromium is not installed.";

    private readonly string? _path = Executable.Find("chromium") ?? Executable.Find("chromium-browser") ?? Executable.Find("google-chrome");
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A new profile. Asking skips the test where no browser is installed.</summary>
    public Task<IBrowserContext> NewProfileAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, NotInstalled);
        return _browser!.NewContextAsync(options ?? new() { Locale = "en-GB", ViewportSize = new() { Width = 1100, Height = 760 } });
    }

    public async ValueTask InitializeAsync()
    {
        if (_path is not null)
        {
            _playwright = await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout((float)Eventually.Deadline.TotalMilliseconds);
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = _path,
                Timeout = (float)(2 * Eventually.Deadline).TotalMilliseconds,
                // Nothing of the browser's own goes out; the sandbox is not there for root, as whom containers run.
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
