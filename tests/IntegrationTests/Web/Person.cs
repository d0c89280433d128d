using System.Collections.Concurrent;
using System.Globalization;
using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>Somebody at the page, in a browser profile of their own. They find things as a screen reader names them.</summary>
internal sealed class Person : IAsyncDisposable
{
    public const string Password = "correct horse battery staple";

    private static int _last;

    private readonly IBrowserContext _profile;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<Uri> _addresses = new();

    private Person(IBrowserContext profile, IPage page)
    {
        _profile = profile;
        Page = page;
        page.SetDefaultTimeout((float)Eventually.Deadline.TotalMilliseconds);
        page.Console += (_, line) =>
        {
            if (line.Type is "error" or "warning" && !IsOfABusyStore(line.Text))
            {
                _complaints.Enqueue(line.Text);
            }
        };
        page.PageError += (_, fault) => _complaints.Enqueue(fault);
        page.Request += (_, request) => _addresses.Enqueue(new Uri(request.Url));
        page.WebSocket += (_, socket) => _addresses.Enqueue(new Uri(socket.Url));
    }

    public IPage Page { get; }

    public long Id { get; private set; }

    public string Name { get; } = $"person{Interlocked.Increment(ref _last)}";

    /// <summary>Errors and warnings on the console: breaches of the policy, too.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>All that the page asked for, websockets included.</summary>
    public IReadOnlyCollection<Uri> Addresses => _addresses;

    /// <summary>What was said and is shown, without times and marks, and without what the page itself says.</summary>
    public Task<string[]> SaidAsync() => Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.talk:not([hidden]) .said > p')].map(p => p.textContent)");

    /// <summary>The safety number that is shown.</summary>
    public async Task<string> SafetyNumberAsync() => await Page.Locator(".number:visible").GetAttributeAsync("aria-label") ?? "";

    /// <summary>Warnings in the open conversation.</summary>
    public ILocator Warnings => Page.Locator(".talk:not([hidden]) .note.bad");

    /// <summary>What came of the open conversation, once it is over.</summary>
    public ILocator Trouble => Page.Locator(".talk:not([hidden]) .trouble h3");

    /// <summary>How the own messages of the open conversation are marked: <c>sent</c>, say.</summary>
    public ILocator Marks(string mark) => Page.Locator($".talk:not([hidden]) .mark.{mark}");

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static async Task<Person> AtAsync(Chromium browser, Uri address, BrowserNewContextOptions? options = null, string path = "/")
    {
        var profile = await browser.NewProfileAsync(options);
        var person = new Person(profile, await profile.NewPageAsync());
        await person.Page.GotoAsync(new Uri(address, path).ToString());
        return person;
    }

    /// <summary>Comes to the page and has an account made.</summary>
    public static async Task<Person> RegisteredAsync(Chromium browser, Uri address, BrowserNewContextOptions? options = null)
    {
        var person = await AtAsync(browser, address, options);
        await person.RegisterAsync();
        return person;
    }

    public async Task RegisterAsync()
    {
        await Page.Locator("#choose-register").ClickAsync();
        await Page.Locator("#username").FillAsync(Name);
        await Page.Locator("#email").FillAsync($"{Name}@example.com");
        await EnterAsync(Password);
        await SeeDeskAsync();
    }

    /// <summary>Fills in the password and sends the form.</summary>
    public async Task EnterAsync(string password)
    {
        await Page.Locator("#password").FillAsync(password);
        await Page.Locator("#enter").ClickAsync();
    }

    public async Task SignInAsync()
    {
        await Page.Locator("#username").FillAsync(Name);
        await EnterAsync(Password);
        await SeeDeskAsync();
    }

    /// <summary>Comes in with a token, as one does where there are no local accounts.</summary>
    public async Task BringTokenAsync(string token)
    {
        // What is offered is only known when the page's script has run.
        await Page.Locator("#choose-token:visible, #token:visible").First.WaitForAsync();
        if (await Page.Locator("#choose-token").IsVisibleAsync())
        {
            await Page.Locator("#choose-token").ClickAsync();
        }

        await Page.Locator("#token").FillAsync(token);
        await Page.Locator("#enter").ClickAsync();
        await SeeDeskAsync();
    }

    /// <summary>Asks for a conversation.</summary>
    public async Task StartAsync(long peer)
    {
        await Page.Locator("#peer").FillAsync($"{peer}");
        await Page.Locator("#start").ClickAsync();
    }

    /// <summary>Both ask for each other, and both can write.</summary>
    public async Task MeetAsync(Person other)
    {
        await StartAsync(other.Id);
        await other.StartAsync(Id);
        await CanWriteAsync();
        await other.CanWriteAsync();
    }

    public async Task CanWriteAsync()
    {
        await Expect(Composer).ToBeVisibleAsync();
        await Expect(Page.Locator(".talk:not([hidden]) .presence-text")).Not.ToHaveTextAsync("You are not connected");
    }

    /// <summary>Whether they can write at this moment.</summary>
    public Task<bool> CanWriteNowAsync() => Composer.IsVisibleAsync();

    public async Task SayAsync(string text)
    {
        await Composer.FillAsync(text);
        await Composer.PressAsync("Enter");
    }

    /// <summary>Waits until exactly this was said, by both, in this order.</summary>
    public Task SeesAsync(params string[] said) =>
        Eventually.HoldsAsync($"{Name} sees {string.Join(" / ", said)}", async () => (await SaidAsync()).SequenceEqual(said));

    /// <summary>Asks the page about the text or an attribute until it is so.</summary>
    public Task SeesTroubleAsync(string title) => Expect(Trouble).ToHaveTextAsync(title);

    /// <summary>Closes the tab as a crash does: no goodbye.</summary>
    public async ValueTask DisposeAsync() => await _profile.DisposeAsync();

    private ILocator Composer => Page.Locator(".talk:not([hidden]) .composer textarea");

    /// <summary>What the browser itself says of an answer 50300, after which the page tries again.</summary>
    private static bool IsOfABusyStore(string complaint) =>
        complaint.Contains("status of 503 ", StringComparison.Ordinal) || complaint.Contains("Unexpected response code: 503", StringComparison.Ordinal);

    private async Task SeeDeskAsync()
    {
        await Expect(Page.Locator("#desk")).ToBeVisibleAsync();
        Id = long.Parse(await Page.Locator("#my-id").InnerTextAsync(), CultureInfo.InvariantCulture);
    }
}
