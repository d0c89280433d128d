using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>Coming in, by password or token, and staying in.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class SignInTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>
{
    private Uri Page => node.Node.BaseAddress;

    [Fact]
    public async Task A_wrong_password_a_taken_name_and_faulty_fields_are_said_beside_the_form()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var thief = await Person.AtAsync(browser, Page);
        var trouble = thief.Page.Locator("#gate-trouble");

        await thief.Page.Locator("#username").FillAsync(ann.Name);
        await thief.EnterAsync("not the password");
        await Expect(trouble).ToHaveTextAsync("Name or password is wrong. Check both, and try again.");

        await thief.Page.Locator("#choose-register").ClickAsync();
        await thief.EnterAsync("short");
        await Expect(thief.Page.Locator("#email")).ToBeFocusedAsync();
        await Expect(thief.Page.Locator("#password-fault")).ToHaveTextAsync("A password has 8 to 256 characters.");
        await thief.Page.Locator("#email").FillAsync("thief@example.com");
        await thief.EnterAsync(Person.Password);
        await Expect(trouble).ToHaveTextAsync("This name or email is taken. Choose another one, or sign in if it is yours.");
    }

    [Fact]
    public async Task Where_nobody_can_register_that_is_not_offered()
    {
        await using var closed = await node.StartAnotherAsync("--Accounts:OpenRegistration=false");
        await using var ann = await Person.AtAsync(browser, closed.BaseAddress);

        await Expect(ann.Page.Locator("#choose-login")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("#choose-register")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_clock_that_is_fast_is_told_instead_of_asking_to_sign_in_all_the_time()
    {
        await using var ann = await Person.AtAsync(browser, node.Node.BaseAddress);
        await ann.Page.Locator("#choose-register").ClickAsync();
        await ann.Page.Locator("#username").FillAsync(ann.Name);
        await ann.Page.Locator("#email").FillAsync($"{ann.Name}@example.com");
        await ann.Page.Clock.SetFixedTimeAsync(DateTime.UtcNow.AddHours(3));

        await ann.EnterAsync(Person.Password);

        await Expect(ann.Page.Locator("#gate-trouble")).ToHaveTextAsync("The clock of this device is fast. Set it right, then sign in.");
        await ann.Page.Clock.SetFixedTimeAsync(DateTime.UtcNow);
        await ann.Page.Locator("#choose-login").ClickAsync();
        await ann.SignInAsync();
    }

    [Fact]
    public async Task A_sign_in_that_ends_is_renewed_without_losing_the_conversation()
    {
        // The sign-in is brief, and less so where the machine was too busy to meet meanwhile.
        var life = TimeSpan.FromSeconds(12);
        while (!await IsRenewedAsync(life))
        {
            Assert.True(life < TimeSpan.FromMinutes(1), "They never met in time.");
            life *= 3;
        }
    }

    /// <summary>Signed in, Ann stays so for this long. False: that was too short to meet.</summary>
    private async Task<bool> IsRenewedAsync(TimeSpan life)
    {
        await using var brief = await node.StartAnotherAsync($"--Jwt:TokenLifetime={life}");
        await using var bob = await Person.AtAsync(browser, brief.BaseAddress);
        await bob.BringTokenAsync(TestNode.Mint(Pairs.User()));
        await using var ann = await Person.RegisteredAsync(browser, brief.BaseAddress);
        await ann.StartAsync(bob.Id);
        await bob.StartAsync(ann.Id);
        var isTalking = false;
        await Eventually.HoldsAsync("Ann can write, or is asked to sign in again", async () =>
            (isTalking = await ann.CanWriteNowAsync()) || await ann.Page.Locator(".banner:visible").GetByRole(AriaRole.Button, new() { Name = "Sign in again" }).IsVisibleAsync());
        if (!isTalking)
        {
            return false;
        }

        await ann.Page.Locator(".banner:visible").GetByRole(AriaRole.Button, new() { Name = "Sign in again" }).ClickAsync();

        await ann.Page.Locator("#again-password").FillAsync("not the password");
        await ann.Page.Locator("#again-enter").ClickAsync();
        await Expect(ann.Page.Locator("#again-trouble")).ToHaveTextAsync("That is not the password of this account. Try again.");
        await ann.Page.Locator("#again-password").FillAsync(Person.Password);
        await ann.Page.Locator("#again-enter").ClickAsync();

        await Expect(ann.Page.Locator("#again")).ToBeHiddenAsync();
        await Expect(ann.Page.Locator(".banner:visible")).ToHaveCountAsync(0);
        await ann.SayAsync("Still the same keys");
        await bob.SeesAsync("Still the same keys");
        return true;
    }

    [Fact]
    public async Task Without_local_accounts_one_brings_a_token()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var own = await TestNode.StartAsync(redis.ConnectionString, "--Accounts:Database=");
        await using var ann = await Person.AtAsync(browser, own.BaseAddress);
        var (one, other) = Pairs.Fresh();

        await Expect(ann.Page.GetByText("This server keeps no accounts of its own.")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("#username")).ToBeHiddenAsync();
        await ann.Page.Locator("#token").FillAsync("nonsense");
        await ann.Page.Locator("#enter").ClickAsync();
        await Expect(ann.Page.Locator("#token-fault")).ToContainTextAsync("This is not a token that can be used");
        await ann.BringTokenAsync(TestNode.Mint(one));
        Assert.Equal(one, ann.Id);

        await using var bob = await Person.AtAsync(browser, own.BaseAddress);
        await bob.BringTokenAsync(TestNode.Mint(other));
        await ann.MeetAsync(bob);
        await ann.SayAsync("By token");
        await bob.SeesAsync("By token");
    }

    [Fact]
    public async Task A_token_that_has_expired_is_asked_for_again()
    {
        await using var ann = await Person.AtAsync(browser, Page);
        var (one, other) = Pairs.Fresh();
        await ann.BringTokenAsync(TestNode.Mint(one, TimeSpan.FromHours(1)));
        await ann.Page.Clock.SetSystemTimeAsync(DateTime.UtcNow.AddHours(2));
        await ann.StartAsync(other);

        await ann.Page.Locator(".banner:visible").GetByRole(AriaRole.Button, new() { Name = "Sign in again" }).ClickAsync();
        await ann.Page.Locator("#again-token").FillAsync(TestNode.Mint(other, TimeSpan.FromHours(5)));
        await ann.Page.Locator("#again-enter").ClickAsync();
        await Expect(ann.Page.Locator("#again-trouble")).ToHaveTextAsync($"That is another user. Sign in as user {one} again.");
        await ann.Page.Locator("#again-token").FillAsync(TestNode.Mint(one));
        await ann.Page.Locator("#again-enter").ClickAsync();
        await Expect(ann.Page.Locator("#again-trouble")).ToContainTextAsync("This token ended on ");
        await ann.Page.Locator("#again-token").FillAsync(TestNode.Mint(one, TimeSpan.FromHours(5)));
        await ann.Page.RunAndWaitForResponseAsync(
            () => ann.Page.Locator("#again-enter").ClickAsync(),
            answer => answer.Url.EndsWith("/im/get_imKey", StringComparison.Ordinal) && answer.Ok);

        // The handshake is open: a call in the other mode is refused.
        Assert.Equal(40900, (await BusyStore.RepeatAsync(() => node.Node.Rest.ExchangeAsync(other, one))).Code);
    }

    [Theory]
    [InlineData("en-GB", "^This token ended on .*[0-9]{2}:[0-9]{2}. Get a new one.")]
    [InlineData("zh-CN", "^此令牌已于 .*[0-9]{2}:[0-9]{2} 失效，请获取新的令牌。")]
    public async Task A_token_that_has_expired_is_refused_at_the_form_in_either_language(string language, string said)
    {
        await using var ann = await Person.AtAsync(browser, Page, new() { Locale = language });
        await ann.Page.Locator("#choose-token").ClickAsync();

        await ann.Page.Locator("#token").FillAsync(TestNode.Mint(Pairs.User(), TimeSpan.FromMinutes(-5)));
        await ann.Page.Locator("#enter").ClickAsync();

        await Expect(ann.Page.Locator("#token-fault")).ToHaveTextAsync(new Regex(said));
        await Expect(ann.Page.Locator("#token")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#desk")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_page_that_gets_no_encryption_says_so_in_one_sentence()
    {
        await using var ann = await Person.AtAsync(browser, Page);
        await ann.Page.AddInitScriptAsync("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })");
        await ann.Page.ReloadAsync();

        await Expect(ann.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "This browser gives pages no encryption here" })).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("#sign-in")).ToBeHiddenAsync();
    }
}
