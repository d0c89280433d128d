using Im.IntegrationTests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>Everything that goes wrong is said in words, with what to do next.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class TroubleTests(Chromium browser, GarnetNode node) : IClassFixture<GarnetNode>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("im-page-").FullName;

    private Uri Page => node.Node.BaseAddress;

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

        // The call that is held back then is cut off by the leap; the next one waits for the few seconds that are left. Until
        // the leap no time passes for her page, however busy the machine is.
        await ann.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await ann.Page.RunAndWaitForRequestAsync(
            () => ann.StartAsync(Pairs.User()),
            request => request.PostData?.Contains("\"wait_seconds\":30", StringComparison.Ordinal) == true);
        await ann.Page.Clock.FastForwardAsync("04:57");
        await ann.Page.Clock.ResumeAsync();

        await Expect(ann.Trouble).ToContainTextAsync("did not come");
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Page.Locator(".ring")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_asked_for_another_kind_of_key_than_the_peer_is_told_so()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        var peer = Pairs.User();
        await BusyStore.RepeatAsync(() => node.Node.Rest.ExchangeAsync(peer, ann.Id));

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

        await Expect(ann.Trouble).ToHaveTextAsync("The server lost the conversation");
        await Expect(bob.Trouble).ToHaveTextAsync("The server lost the conversation");
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
        var session = await BusyStore.RepeatAsync(() => node.Node.Rest.SessionAsync(ann.Id, bob.Id));

        await using var elsewhere = await BusyStore.ConnectReadyAsync(node.Node, ann.Id, bob.Id, new Upgrade { Session = session.Text("im_session") });

        await ann.SeesTroubleAsync("The conversation goes on elsewhere");
    }

    [Fact]
    public async Task While_the_server_is_away_the_page_says_when_it_tries_again_and_keeps_what_is_written()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.ConnectionString);
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
    public async Task Who_does_not_want_to_wait_for_the_next_try_has_it_at_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.ConnectionString);
        await using var ann = await Person.AtAsync(browser, first.BaseAddress);
        await ann.Page.Clock.InstallAsync();
        await ann.Page.ReloadAsync();
        await ann.RegisterAsync();
        await using var bob = await Person.RegisteredAsync(browser, first.BaseAddress);
        await ann.MeetAsync(bob);
        await first.KillAsync();
        await Expect(ann.Button("Try now")).ToBeVisibleAsync();

        // From here on no timer of her page runs out.
        await ann.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await Expect(ann.Button("Try now")).ToBeVisibleAsync();
        await first.RestartAsync();
        await ann.Button("Try now").ClickAsync();

        // Again where the store was too busy for it; the button keeps the focus until then.
        await Eventually.HoldsAsync("no line says that the server is away", async () =>
        {
            await ann.Button("Try now").EvaluateAllAsync<object?>("buttons => buttons.forEach(button => button.click())");
            return await ann.Page.Locator(".banner:visible").CountAsync() == 0;
        });
        await Expect(ann.Page.Locator(".composer textarea")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task While_one_waits_for_somebody_the_page_says_that_the_server_does_not_answer_and_when_it_does_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var own = await StartAsync(redis.ConnectionString);
        var still = new BrowserNewContextOptions { Locale = "en-GB", ViewportSize = new() { Width = 1100, Height = 760 }, ReducedMotion = ReducedMotion.Reduce };
        await using var ann = await Person.RegisteredAsync(browser, own.BaseAddress, still);
        await using var bob = await Person.RegisteredAsync(browser, own.BaseAddress);
        await ann.StartAsync(bob.Id);
        await Expect(ann.Page.Locator(".ring")).ToContainTextAsync("4:");
        var trouble = ann.Page.Locator(".wait-trouble");
        await Expect(trouble).ToBeHiddenAsync();

        await own.KillAsync();
        await Expect(trouble).ToHaveTextAsync("The server does not answer; trying again.");
        await Expect(ann.Page.Locator(".talk-item-last")).ToHaveTextAsync("The server does not answer…");
        await Sanity.CheckAsync(ann.Page, "the server is away and one waits");
        await own.RestartAsync();

        await Expect(trouble).ToBeHiddenAsync();
        await bob.StartAsync(ann.Id);
        await ann.CanWriteAsync();
    }

    [Fact]
    public async Task A_connection_that_died_while_nobody_looked_is_replaced_and_one_that_lives_is_kept()
    {
        await using var line = new StallingProxy(Page.Port);
        await using var ann = await Person.RegisteredAsync(browser, new Uri($"http://{line.ConnectionString}"));
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);

        // A server that is too busy to answer within five seconds is away to the page: once in three times is enough.
        var (before, after) = (0, 1);
        for (var round = 0; round < 3 && before != after; round++)
        {
            await ann.CanWriteAsync();
            before = Connections();
            var answered = ann.Page.EvaluateAsync("new Promise(done => setTimeout(done, 6000))");
            await ann.Page.EvaluateAsync("dispatchEvent(new Event('online'))");
            await answered;
            after = Connections();
        }

        Assert.Equal(before, after);

        line.Set(Flow.Hold);
        await ann.Page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await Expect(ann.Page.GetByText("The server is away.")).ToBeVisibleAsync();
        await bob.SayAsync("Are you awake?");
        line.Set(Flow.Pass);

        await ann.SeesAsync("Are you awake?");

        int Connections() => ann.Addresses.Count(address => address.AbsolutePath == "/im/ws");
    }

    [Fact]
    public async Task A_node_that_lost_its_sessions_with_its_process_ends_the_conversation_and_accounts_are_still_there()
    {
        await using var own = await StartAsync("");
        await using var ann = await Person.RegisteredAsync(browser, own.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, own.BaseAddress);
        await ann.MeetAsync(bob);

        await own.KillAsync();
        await own.RestartAsync();

        await Expect(ann.Trouble).ToHaveTextAsync("The conversation was ended");
        await Expect(bob.Trouble).ToHaveTextAsync("The conversation was ended");
        await ann.Button("Agree on new keys").ClickAsync();
        await bob.Button("Agree on new keys").ClickAsync();
        await ann.CanWriteAsync();
        await ann.SayAsync("Still here");
        await bob.SeesAsync("Still here");
        await bob.Page.ReloadAsync();
        await bob.SignInAsync();
    }

    [Fact]
    public async Task Who_is_offline_is_told_that_and_not_that_the_server_is_away()
    {
        await using var own = await StartAsync("");
        await using var ann = await Person.RegisteredAsync(browser, own.BaseAddress);
        await using var bob = await Person.RegisteredAsync(browser, own.BaseAddress);
        await ann.MeetAsync(bob);

        await ann.Page.Context.SetOfflineAsync(true);
        await own.KillAsync();

        await Expect(ann.Page.GetByText("You are offline: look at your network.")).ToBeVisibleAsync();
        await Expect(bob.Page.GetByText("The server is away.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_stops_waiting_for_new_keys_keeps_what_was_said()
    {
        await using var ann = await Person.RegisteredAsync(browser, Page);
        await using var bob = await Person.RegisteredAsync(browser, Page);
        await ann.MeetAsync(bob);
        await bob.SayAsync("Remember this");
        await ann.SeesAsync("Remember this");
        await BusyStore.RepeatAsync(() => node.Node.Rest.EndAsync(bob.Id, ann.Id));
        await ann.Button("Agree on new keys").ClickAsync();

        await ann.Button("Cancel").ClickAsync();

        await ann.SeesTroubleAsync("You stopped waiting");
        await ann.SeesAsync("Remember this");
        await ann.Button("Agree on new keys").ClickAsync();
        await bob.Button("Agree on new keys").ClickAsync();
        await ann.CanWriteAsync();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A node as a process, with accounts that outlive it.</summary>
    /// <param name="redis">Its store; empty: its own.</param>
    private Task<NodeProcess> StartAsync(string redis) => NodeProcess.StartAsync(redis, $"--Accounts:Database={Path.Combine(_folder, "accounts.db")}");
}
