using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>The page without a mouse, without eyes, on a narrow screen, in the other language, in the dark.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class AccessTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>
{
    private Uri Page => node.Node.BaseAddress;

    [Fact]
    public async Task A_first_conversation_needs_the_keyboard_only()
    {
        await using var ann = await Person.AtAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        var keys = ann.Page.Keyboard;

        // The name has the focus; one step back is the choice of the token, two steps that of registering.
        await Expect(ann.Page.Locator("#username")).ToBeFocusedAsync();
        await keys.PressAsync("Shift+Tab");
        await keys.PressAsync("Shift+Tab");
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Tab");
        await keys.TypeAsync(ann.Name);
        await keys.PressAsync("Tab");
        await keys.TypeAsync($"{ann.Name}@example.com");
        await keys.PressAsync("Tab");
        await keys.TypeAsync(Person.Password);
        await keys.PressAsync("Enter");
        await Expect(ann.Page.Locator("#peer")).ToBeFocusedAsync();
        await keys.TypeAsync($"{bob.Id}");
        await keys.PressAsync("Enter");
        await bob.StartAsync(long.Parse(await ann.Page.Locator("#my-id").InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture));
        await Expect(ann.Page.Locator(".composer textarea")).ToBeFocusedAsync();
        await keys.TypeAsync("By keyboard");
        await keys.PressAsync("Enter");
        await bob.SeesAsync("By keyboard");

        // Back to the safety number, which stands before the messages.
        for (var step = 0; step < 12 && await ann.Page.EvaluateAsync<string>("document.activeElement.textContent") != "We compared: it is the same"; step++)
        {
            await keys.PressAsync("Shift+Tab");
        }

        await keys.PressAsync("Enter");
        await Expect(ann.Button("Compared")).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, "en-GB", 1100)]
    [InlineData(ColorScheme.Dark, "zh-CN", 1100)]
    [InlineData(ColorScheme.Light, "zh-CN", 360)]
    [InlineData(ColorScheme.Dark, "en-GB", 360)]
    public async Task Every_control_has_a_name_all_text_has_contrast_and_nothing_is_wider_than_the_screen(ColorScheme colours, string language, int width)
    {
        var options = new BrowserNewContextOptions { ColorScheme = colours, Locale = language, ViewportSize = new() { Width = width, Height = 680 }, ReducedMotion = ReducedMotion.Reduce };
        await using var ann = await Person.AtAsync(browser, Page, options);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await Sanity.CheckAsync(ann.Page, "signing in");
        await ann.Page.Locator("#choose-register").ClickAsync();
        await ann.EnterAsync("short");
        await Sanity.CheckAsync(ann.Page, "faulty fields");
        await ann.RegisterAsync();
        await ann.Page.Locator("summary").ClickAsync();
        await Sanity.CheckAsync(ann.Page, "nobody yet");
        await ann.StartAsync(bob.Id);
        await Sanity.CheckAsync(ann.Page, "waiting");
        await bob.StartAsync(ann.Id);
        await ann.CanWriteAsync();
        await Sanity.CheckAsync(ann.Page, "the safety number");
        await ann.SayAsync("A word from here");
        await bob.SayAsync("A word from there");
        await ann.SeesAsync("A word from here", "A word from there");
        await Expect(ann.Marks("delivered")).ToHaveCountAsync(1);
        await Sanity.CheckAsync(ann.Page, "talking");
        await ann.Page.Locator(".safety .secondary").ClickAsync();
        await Sanity.CheckAsync(ann.Page, "swapped keys");
        await ann.Page.Locator(".talk-head .end").ClickAsync();
        await Sanity.CheckAsync(ann.Page, "asked before the end");
        await ann.Page.Keyboard.PressAsync("Escape");
        await BusyStore.RepeatAsync(() => node.Node.Rest.EndAsync(bob.Id, ann.Id));
        await Expect(ann.Trouble).ToBeVisibleAsync();
        await Sanity.CheckAsync(ann.Page, "over");
    }

    [Fact]
    public async Task The_two_languages_say_the_same_things()
    {
        await using var ann = await Person.AtAsync(browser, Page);

        var differences = await ann.Page.EvaluateAsync<string[]>("""
            async () => {
              const { words: en } = await import('/page/words-en.js');
              const { words: zh } = await import('/page/words-zh.js');
              const places = text => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
              return [...new Set([...Object.keys(en), ...Object.keys(zh)])].filter(key => !en[key]?.trim() || !zh[key]?.trim() || places(en[key]) !== places(zh[key]));
            }
            """);

        Assert.Empty(differences);
    }

    [Fact]
    public async Task The_language_is_the_browsers_until_one_chooses_and_only_that_and_the_colours_are_kept()
    {
        await using var ann = await Person.AtAsync(browser, Page, new() { Locale = "zh-CN" });
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.RegisterAsync();
        await ann.MeetAsync(bob);
        await bob.SayAsync("Not to be kept");
        await ann.SeesAsync("Not to be kept");
        await Expect(ann.Button("结束并清除")).ToBeVisibleAsync();
        Assert.Equal("{}", await ann.Page.EvaluateAsync<string>("JSON.stringify(localStorage)"));

        await ann.Button("English").ClickAsync();
        await ann.Page.Locator("#theme").ClickAsync();
        await ann.Page.Locator("#theme").ClickAsync();

        await Expect(ann.Button("End and forget")).ToBeVisibleAsync();
        await ann.SeesAsync("Not to be kept");
        Assert.Equal("en", await ann.Page.EvaluateAsync<string>("document.documentElement.lang"));
        Assert.Equal(["language:en", "theme:dark"], (await ann.Page.EvaluateAsync<string[]>("Object.entries(localStorage).map(entry => entry.join(':'))")).Order());
        Assert.Equal("0 0 0", await ann.Page.EvaluateAsync<string>("(async () => [sessionStorage.length, document.cookie.length, (await indexedDB.databases()).length].join(' '))()"));
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Name = "Talk in private, one to one." })).ToBeVisibleAsync();
        Assert.Equal("dark", await ann.Page.EvaluateAsync<string>("getComputedStyle(document.documentElement).colorScheme"));
    }

    [Fact]
    public async Task On_a_narrow_screen_one_goes_from_the_list_to_a_conversation_and_back()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page, new() { Locale = "en-GB", ViewportSize = new() { Width = 360, Height = 680 } });
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await Expect(ann.Page.Locator("#rail")).ToBeHiddenAsync();

        await ann.Button("Back to the list").ClickAsync();
        await bob.SayAsync("Are you there?");

        await Expect(ann.Page.Locator(".talk")).ToBeHiddenAsync();
        await Expect(ann.Page.Locator(".unread")).ToHaveTextAsync("1 new");
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = $"User {bob.Id}" }).ClickAsync();
        await ann.SeesAsync("Are you there?");
    }

    [Fact]
    public async Task Where_little_height_is_left_one_sees_what_is_said_and_can_write()
    {
        // As much as a keyboard on the screen of a telephone leaves.
        await using var ann = await Person.RegisteredAsync(browser, Page, new() { Locale = "en-GB", ViewportSize = new() { Width = 360, Height = 360 } });
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await bob.SayAsync("Can you read this?");
        await ann.SeesAsync("Can you read this?");

        await Expect(ann.Page.GetByText("Can you read this?").Last).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(ann.Page.Locator(".composer textarea")).ToBeInViewportAsync(new() { Ratio = 1 });
        await ann.Button("We compared: it is the same").ClickAsync();
        await Expect(ann.Button("Compared")).ToBeFocusedAsync();
    }
}
