using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>Two people at the page, as they use it.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class ConversationTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>
{
    private Uri Page => node.Node.BaseAddress;

    [Fact]
    public async Task Two_people_register_compare_the_safety_number_and_talk_and_the_page_asks_nobody_else()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);

        await ann.StartAsync(bob.Id);
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Name = $"Waiting for user {bob.Id}" })).ToBeVisibleAsync();
        await bob.StartAsync(ann.Id);
        await ann.CanWriteAsync();
        await bob.CanWriteAsync();
        var number = await ann.SafetyNumberAsync();
        Assert.Matches("^([0-9]{5} ){11}[0-9]{5}$", number);
        Assert.Equal(number, await bob.SafetyNumberAsync());
        await ann.Button("We compared: it is the same").ClickAsync();
        await Expect(ann.Button("Compared")).ToBeVisibleAsync();

        await ann.SayAsync("Hello <b>Bob</b> & \"all\" 🚂");
        await bob.SayAsync("你好，\n两行");
        await ann.SeesAsync("Hello <b>Bob</b> & \"all\" 🚂", "你好，\n两行");
        await bob.SeesAsync("Hello <b>Bob</b> & \"all\" 🚂", "你好，\n两行");
        await Expect(ann.Marks("delivered")).ToHaveCountAsync(1);
        await Expect(bob.Marks("delivered")).ToHaveCountAsync(1);

        Assert.Empty(ann.Complaints.Concat(bob.Complaints));
        Assert.Equal([Page.Authority], ann.Addresses.Concat(bob.Addresses).Select(address => address.Authority).Distinct());
        Assert.Contains(ann.Addresses, address => address is { Scheme: "ws", AbsolutePath: "/im/ws" });
        Assert.DoesNotContain(ann.Addresses, address => address.Query.Contains("token", StringComparison.Ordinal) || address.Query.Contains("eyJ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_sees_whether_the_other_is_there_and_writes()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await Expect(ann.Page.GetByText("Here now")).ToBeVisibleAsync();

        // It is said of a key for some seconds only, which a busy browser may need to show it.
        await Eventually.HoldsAsync("Ann sees that Bob writes", async () =>
        {
            await bob.Page.Locator(".composer textarea").PressSequentiallyAsync("H");
            return await ann.Page.GetByText($"User {bob.Id} is writing…").IsVisibleAsync();
        });
        await bob.Page.Locator(".composer textarea").FillAsync("");
        await Expect(ann.Page.GetByText($"User {bob.Id} is writing…")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Whose_peer_closed_the_tab_is_told_keeps_what_was_said_and_agrees_on_new_keys_when_they_come_back()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await ann.SayAsync("Before");
        await bob.SeesAsync("Before");
        var before = await ann.SafetyNumberAsync();

        await bob.Page.ReloadAsync();
        await Expect(ann.Page.GetByText("Away. What you write waits for them.")).ToBeVisibleAsync();
        await bob.SignInAsync();
        await bob.StartAsync(ann.Id);
        await ann.Button("Agree on new keys").ClickAsync();
        await ann.CanWriteAsync();
        await bob.CanWriteAsync();
        await bob.SayAsync("After");

        await ann.SeesAsync("Before", "After");
        await bob.SeesAsync("After");
        Assert.NotEqual(before, await ann.SafetyNumberAsync());
        Assert.Equal(await bob.SafetyNumberAsync(), await ann.SafetyNumberAsync());
    }

    [Fact]
    public async Task Several_conversations_stand_side_by_side_and_none_mixes_with_another()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await using var cyd = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await ann.MeetAsync(cyd);

        await bob.SayAsync("From Bob");
        await cyd.SayAsync("From Cyd");
        await ann.SeesAsync("From Cyd");
        await Expect(ann.Page.Locator(".unread:visible")).ToHaveTextAsync("1 new");
        await Expect(ann.Page).ToHaveTitleAsync("(1) Im");
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = $"User {bob.Id}" }).ClickAsync();
        await ann.SeesAsync("From Bob");
        await ann.SayAsync("To Bob");

        await bob.SeesAsync("From Bob", "To Bob");
        await cyd.SeesAsync("From Cyd");
        await Expect(ann.Page.Locator(".unread:visible")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Ending_asks_first_then_forgets_here_and_ends_there()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await bob.SayAsync("Secret");
        await ann.SeesAsync("Secret");

        await ann.Button("End and forget").ClickAsync();
        await Expect(ann.Button("Cancel")).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.CanWriteAsync();
        await ann.Button("End and forget").ClickAsync();
        await ann.Page.Locator("#confirm-yes").ClickAsync();

        await bob.SeesTroubleAsync("The conversation was ended");
        await Expect(ann.Page.Locator(".talk")).ToHaveCountAsync(0);
        Assert.DoesNotContain("Secret", await ann.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(40301, (await BusyStore.RepeatAsync(() => node.Node.Rest.SessionAsync(ann.Id, bob.Id))).Code);
    }

    [Fact]
    public async Task With_a_key_of_the_server_the_page_says_that_the_server_could_read_and_shows_no_number()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        foreach (var (one, other) in new[] { (ann, bob), (bob, ann) })
        {
            await one.Page.GetByText("More options").ClickAsync();
            await one.Page.GetByRole(AriaRole.Radio, new() { Name = "The server It could read along." }).CheckAsync();
            await one.StartAsync(other.Id);
        }

        await Expect(ann.Page.Locator("input[value=public]")).ToBeCheckedAsync();
        await ann.SayAsync("In the open");

        await bob.SeesAsync("In the open");
        await Expect(bob.Page.GetByRole(AriaRole.Heading, new() { Name = "The server could read this conversation" })).ToBeVisibleAsync();
        await Expect(bob.Page.Locator(".number")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Whoever_asks_again_for_somebody_whom_they_just_gave_up_does_not_take_that_back()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        var stranger = Pairs.User();
        await ann.Page.RunAndWaitForRequestAsync(
            () => ann.StartAsync(stranger),
            call => call.PostData?.Contains("\"wait_seconds\":30", StringComparison.Ordinal) == true);
        var calls = new ConcurrentQueue<string>();
        var held = new TaskCompletionSource();
        await ann.Page.RouteAsync("**/im/sessions/**", async call =>
        {
            await held.Task;
            await call.ContinueAsync();
        });
        ann.Page.Request += (_, call) => calls.Enqueue($"{call.Method} begins");
        ann.Page.Response += (_, answer) => calls.Enqueue($"{answer.Request.Method} answered");

        await ann.Button("Cancel").ClickAsync();
        await ann.StartAsync(stranger);
        await Expect(ann.Page.Locator(".ring")).ToBeVisibleAsync();
        held.SetResult();

        await Eventually.HoldsAsync("it is asked for", () => calls.Contains("POST begins"));
        Assert.Equal(["DELETE begins", "DELETE answered", "POST begins"], calls.Take(3));
    }

    [Fact]
    public async Task Whoever_cancels_the_waiting_leaves_nothing_behind()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        var stranger = Pairs.User();
        await ann.StartAsync(stranger);
        await Expect(ann.Page.Locator(".ring")).ToHaveTextAsync(new Regex("^4:[0-5][0-9]$"));

        await ann.Page.RunAndWaitForResponseAsync(() => ann.Button("Cancel").ClickAsync(), answer => answer.Request.Method == "DELETE" && answer.Ok);

        await Expect(ann.Page.Locator(".talk")).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator("#peer")).ToBeFocusedAsync();
        Assert.Equal(0, (await BusyStore.RepeatAsync(() => node.Node.Rest.ExchangeAsync(stranger, ann.Id))).Number("is_read"));
    }
}
