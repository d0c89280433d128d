using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>Everything that goes wrong is said in words, with what to do next.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class TroubleTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>
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
    public async Task What_is_no_id_of_another_person_is_refused_at_the_field()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        var fault = ann.Page.Locator("#peer-fault");

        foreach (var (entered, said) in new[] { ("bob", "Enter the other person’s id: a number."), ("9007199254740992", "Enter the other person’s id: a number."), ($"{ann.Id}", "That is your own id. Enter the other person’s.") })
        {
            await ann.Page.Locator("#peer").FillAsync(entered);
            await ann.Page.Locator("#start").ClickAsync();
            await Expect(fault).ToHaveTextAsync(said);
        }
    }

    [Fact]
    public async Task A_peer_who_never_comes_is_given_up_after_five_minutes_and_can_be_asked_for_again()
    {
        await using var ann = await Person.AtAsync(browser, Page);
        await ann.Page.Clock.InstallAsync();
        await ann.Page.ReloadAsync();
        await ann.RegisterAsync();

        // The call that is held back then is cut off by the leap; the next one waits for the few seconds that are left.
        await ann.Page.RunAndWaitForRequestAsync(
            () => ann.StartAsync(Pairs.User()),
            request => request.PostData?.Contains("\"wait_seconds\":30", StringComparison.Ordinal) == true);
        await ann.Page.Clock.FastForwardAsync("04:57");

        await Expect(ann.Trouble).ToContainTextAsync("did not come");
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Page.Locator(".ring")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_asked_for_another_kind_of_key_than_the_peer_is_told_so()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        var peer = Pairs.User();
        await node.Node.Rest.ExchangeAsync(peer, ann.Id);

        await ann.StartAsync(peer);

        await ann.SeesTroubleAsync("You asked for different kinds of key");
    }

    [Fact]
    public async Task A_session_that_was_lost_is_told_and_new_keys_are_offered()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var own = await TestNode.StartAsync(redis.ConnectionString);
        await using var ann = await Person.RegisteredAsync(browser, own.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, own.BaseAddress);
        await ann.MeetAsync(bob);
        await using (var store = await redis.ConnectAsync())
        {
            await store.GetServers()[0].FlushAllDatabasesAsync();
        }

        await Expect(ann.Trouble).ToHaveTextAsync("The server lost the conversation", new() { Timeout = 30_000 });
        await Expect(bob.Trouble).ToHaveTextAsync("The server lost the conversation", new() { Timeout = 30_000 });
        await ann.Button("Agree on new keys").ClickAsync();
        await bob.Button("Agree on new keys").ClickAsync();
        await ann.CanWriteAsync();
        await ann.SayAsync("Again");
        await bob.SeesAsync("Again");
    }

    [Fact]
    public async Task Another_connection_of_the_same_user_takes_over_and_the_page_says_so()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        var session = await node.Node.Rest.SessionAsync(ann.Id, bob.Id);

        await using var elsewhere = await SocketClient.ConnectReadyAsync(node.Node, ann.Id, bob.Id, new Upgrade { Session = session.Text("im_session") });

        await ann.SeesTroubleAsync("The conversation goes on elsewhere");
    }

    [Fact]
    public async Task While_the_server_is_away_the_page_says_when_it_tries_again_and_keeps_what_is_written()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await NodeProcess.StartAsync(redis.ConnectionString, WithAccounts());
        await using var ann = await Person.RegisteredAsync(browser, first.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, first.BaseAddress);
        await ann.MeetAsync(bob);
        await first.KillAsync();

        await Expect(ann.Page.GetByText("The server is away. What you write is kept and goes out later.")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByText("Next try in").Or(ann.Page.GetByText("Trying now"))).ToBeVisibleAsync();
        await ann.SayAsync("Written meanwhile");
        await Expect(ann.Marks("pending")).ToHaveCountAsync(1);
        await first.RestartAsync();

        await bob.SeesAsync("Written meanwhile");
        await Expect(ann.Marks("delivered")).ToHaveCountAsync(1);
        await Expect(ann.Page.GetByText("The server is away.")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_node_that_lost_its_sessions_with_its_process_ends_the_conversation_and_accounts_are_still_there()
    {
        var database = Path.Combine(Directory.CreateTempSubdirectory("im-page-").FullName, "accounts.db");
        await using var own = await NodeProcess.StartAsync("", $"--Accounts:Database={database}");
        await using var ann = await Person.RegisteredAsync(browser, own.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, own.BaseAddress);
        await ann.MeetAsync(bob);

        await own.KillAsync();
        await own.RestartAsync();

        await Expect(ann.Trouble).ToHaveTextAsync("The conversation was ended", new() { Timeout = 40_000 });
        await Expect(bob.Trouble).ToHaveTextAsync("The conversation was ended", new() { Timeout = 40_000 });
        await ann.Button("Agree on new keys").ClickAsync();
        await bob.Button("Agree on new keys").ClickAsync();
        await ann.CanWriteAsync();
        await ann.SayAsync("Still here");
        await bob.SeesAsync("Still here");
    }

    [Fact]
    public async Task A_sign_in_that_ends_is_renewed_without_losing_the_conversation()
    {
        await using var brief = await node.StartAnotherAsync("--Jwt:TokenLifetime=00:00:12");
        await using var ann = await Person.RegisteredAsync(browser, brief.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, brief.BaseAddress);
        await ann.MeetAsync(bob);
        await ann.Page.Locator(".banner:visible").GetByRole(AriaRole.Button, new() { Name = "Sign in again" }).ClickAsync();

        await ann.Page.Locator("#again-password").FillAsync("not the password");
        await ann.Page.Locator("#again-enter").ClickAsync();
        await Expect(ann.Page.Locator("#again-trouble")).ToHaveTextAsync("Name or password is wrong. Check both, and try again.");
        await ann.Page.Locator("#again-password").FillAsync(Person.Password);
        await ann.Page.Locator("#again-enter").ClickAsync();

        await Expect(ann.Page.Locator("#again")).ToBeHiddenAsync();
        await Expect(ann.Page.Locator(".banner:visible")).ToHaveCountAsync(0);
        await ann.SayAsync("Still the same keys");
        await bob.SeesAsync("Still the same keys");
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
        await ann.BringTokenAsync(TestNode.Mint(one, TimeSpan.FromMinutes(-5)));
        await ann.StartAsync(other);

        await ann.Page.Locator(".banner:visible").GetByRole(AriaRole.Button, new() { Name = "Sign in again" }).ClickAsync();
        await ann.Page.Locator("#again-token").FillAsync(TestNode.Mint(other));
        await ann.Page.Locator("#again-enter").ClickAsync();
        await Expect(ann.Page.Locator("#again-trouble")).ToHaveTextAsync($"That is another user. Sign in as user {one} again.");
        await ann.Page.Locator("#again-token").FillAsync(TestNode.Mint(one));
        await ann.Page.Locator("#again-enter").ClickAsync();

        await Eventually.HoldsAsync("the handshake is open", async () => (await node.Node.Rest.ExchangeAsync(other, one)).Code == 40900);
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

    private static string[] WithAccounts() =>
        [$"--Accounts:Database={Path.Combine(Directory.CreateTempSubdirectory("im-page-").FullName, "accounts.db")}"];
}
