using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Accounts and tokens of the .NET client, at real nodes.</summary>
public sealed class AccountTests(GarnetNode node) : IClassFixture<GarnetNode>
{
    private const string Password = "correct horse battery staple";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ImClientOptions Options => new() { Server = node.Node.BaseAddress };

    [Fact]
    public async Task Who_registers_can_log_in_by_name_and_by_email()
    {
        var name = $"ann-{Pairs.User()}";
        await using var registered = await ImClient.RegisterAsync(Options, name, $"{name}@example.org", Password, Cancelled);
        await using var byName = await ImClient.LogInAsync(Options, name, Password, Cancelled);
        await using var byEmail = await ImClient.LogInWithEmailAsync(Options, $"{name}@example.org", Password, Cancelled);

        Assert.Equal((registered.UserId, registered.UserId), (byName.UserId, byEmail.UserId));
        Assert.Equal(byName.UserId, Account.FromToken(byName.Account.Token).UserId);
        Assert.True(byName.Account.ExpiresAt > DateTimeOffset.UtcNow.AddMinutes(50));
    }

    [Fact]
    public async Task A_name_in_use_a_wrong_password_and_a_faulty_field_are_told_apart()
    {
        var name = $"ann-{Pairs.User()}";
        await using var registered = await ImClient.RegisterAsync(Options, name, $"{name}@example.org", Password, Cancelled);

        await People.FailsAsync(ImErrorKind.NameTaken, () => ImClient.RegisterAsync(Options, name, $"{name}@example.org", Password, Cancelled));
        var wrong = await People.FailsAsync(ImErrorKind.WrongCredentials, () => ImClient.LogInAsync(Options, name, Password + "!", Cancelled));
        var faulty = await People.FailsAsync(ImErrorKind.InvalidInput, () => ImClient.RegisterAsync(Options, "", "nobody", "short", Cancelled));

        Assert.Equal(["email", "password", "username"], faulty.FieldErrors.Keys.Order());
        Assert.DoesNotContain(Password, wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_logins_are_told_with_the_time_to_wait()
    {
        await using var strict = await node.StartAnotherAsync("--Limits:LoginsPerMinute=1");
        var options = new ImClientOptions { Server = strict.BaseAddress };
        await People.FailsAsync(ImErrorKind.WrongCredentials, () => ImClient.LogInAsync(options, "nobody", Password, Cancelled));

        var limited = await People.FailsAsync(ImErrorKind.RateLimited, () => ImClient.LogInAsync(options, "nobody", Password, Cancelled));

        Assert.InRange(limited.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_and_one_that_is_another_is_no_protocol()
    {
        var nobody = new ImClientOptions { Server = new Uri($"http://127.0.0.1:{FreePort.Find()}") };
        await People.FailsAsync(ImErrorKind.ServerUnavailable, () => ImClient.LogInAsync(nobody, "ann", Password, Cancelled));

        var elsewhere = new ImClientOptions { Server = new Uri(node.Node.BaseAddress, "no/such/path") };
        await People.FailsAsync(ImErrorKind.ProtocolViolation, () => ImClient.LogInAsync(elsewhere, "ann", Password, Cancelled));
    }

    [Fact]
    public async Task A_conversation_outlives_its_first_token_by_fresh_ones_without_a_new_connection()
    {
        var (ann, bob) = Pairs.Fresh();
        var asked = 0;
        await using var annClient = People.At(node.Node.BaseAddress, ann, TimeSpan.FromSeconds(3), _ =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(TestNode.Mint(ann, TimeSpan.FromSeconds(3)));
        });
        await using var two = await People.MeetAsync(annClient, People.At(node.Node.BaseAddress, bob));
        await two.Ann.IsAsync(ConversationStatus.Connected);
        var events = two.Ann.Watch();

        await Eventually.HoldsAsync("two fresh tokens were given", () => Volatile.Read(ref asked) >= 2);
        await two.Ann.SendAsync("still here", Cancelled).WaitAsync(Eventually.Deadline, Cancelled);

        Assert.Equal(["still here"], await two.Bob.TextsAsync(1));
        Assert.DoesNotContain(events, what => what is StateChanged);
    }

    [Fact]
    public async Task A_token_that_has_expired_and_is_not_renewed_is_told()
    {
        var (ann, bob) = Pairs.Fresh();
        await using var client = People.At(node.Node.BaseAddress, ann, TimeSpan.FromMinutes(-5));

        await People.FailsAsync(ImErrorKind.Unauthenticated, () => client.RendezvousAsync(bob, cancellationToken: Cancelled));
    }

    [Fact]
    public async Task A_token_that_expires_in_a_conversation_ends_it_where_nothing_renews_it()
    {
        // The token is brief, and less so where the machine was too busy to connect meanwhile.
        var life = TimeSpan.FromSeconds(5);
        while (!await EndsAsync(life))
        {
            Assert.True(life < TimeSpan.FromMinutes(1), "They never connected in time.");
            life *= 4;
        }
    }

    /// <summary>The node accepts Ann's token for so long. False: that was too short to connect.</summary>
    private async Task<bool> EndsAsync(TimeSpan life)
    {
        var (ann, bob) = Pairs.Fresh();

        // It accepts a token for 30 s past its end.
        await using var annClient = People.At(node.Node.BaseAddress, ann, life - TimeSpan.FromSeconds(30));
        await using var bobClient = People.At(node.Node.BaseAddress, bob);
        try
        {
            await using var two = await People.MeetAsync(annClient, bobClient);
            await Eventually.HoldsAsync("it connects, or ends", () => two.Ann.State.Status is ConversationStatus.Connected or ConversationStatus.Ended);
            var wasConnected = two.Ann.State.Status is ConversationStatus.Connected;
            await People.FailsAsync(ImErrorKind.Unauthenticated, () => two.Ann.TakeAsync(1, life + Eventually.Deadline));
            return wasConnected;
        }
        catch (ImException e) when (e.Kind is ImErrorKind.Unauthenticated)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_the_call_goes_on()
    {
        var (ann, bob) = Pairs.Fresh();
        await using var client = People.At(node.Node.BaseAddress, ann, TimeSpan.FromMinutes(-5), _ => Task.FromResult(TestNode.Mint(ann)));

        await using var two = await People.MeetAsync(client, People.At(node.Node.BaseAddress, bob));

        Assert.True(client.Account.ExpiresAt > DateTimeOffset.UtcNow);
    }
}
