using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Two .NET clients talk through two nodes.</summary>
public sealed class ConversationTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KeyMode.PublicKeys)]
    [InlineData(KeyMode.ServerKey)]
    public async Task Two_clients_on_two_nodes_meet_and_talk(KeyMode mode)
    {
        await using var two = await MeetAsync(mode);

        var sent = await two.Ann.SendAsync("hello", Cancelled);
        Assert.Equal(["hello"], await two.Bob.TextsAsync(1));
        await sent.Delivered.WaitAsync(Eventually.Deadline, Cancelled);
        await two.Bob.SendAsync("Grüße 👋", Cancelled);

        Assert.Equal(["Grüße 👋"], await two.Ann.TextsAsync(1));
        Assert.Equal(1, sent.Id);
        Assert.Equal((mode, mode), (two.Ann.KeyMode, two.Bob.KeyMode));
        Assert.Equal(two.Ann.SafetyNumber, two.Bob.SafetyNumber);
        Assert.Equal(mode is KeyMode.PublicKeys, two.Ann.SafetyNumber is not null);
        Assert.False(two.Ann.IsKeyShort);
    }

    [Fact]
    public async Task Many_messages_both_ways_arrive_once_and_in_order_and_are_delivered()
    {
        await using var two = await MeetAsync();
        var texts = Enumerable.Range(1, 500).Select(n => $"{n}").ToArray();

        var annSends = Task.WhenAll(texts.Select(text => two.Ann.SendAsync(text, Cancelled)));
        var bobSends = Task.WhenAll(texts.Select(text => two.Bob.SendAsync(text, Cancelled)));

        // Both at once: who takes nothing is not told what was stored either, once its buffer is full.
        var received = await Task.WhenAll(two.Bob.TextsAsync(texts.Length), two.Ann.TextsAsync(texts.Length));
        Assert.Equal(texts, received[0]);
        Assert.Equal(texts, received[1]);
        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), (await annSends).Select(sent => sent.Id));
        await Task.WhenAll((await annSends).Concat(await bobSends).Select(sent => sent.Delivered)).WaitAsync(Eventually.Deadline, Cancelled);
    }

    [Fact]
    public async Task The_longest_text_arrives_and_a_longer_one_is_refused_before_it_is_sent()
    {
        await using var two = await MeetAsync();
        var longest = new string('é', (Conversation.MaxTextBytes - 1) / 2) + "!";

        await two.Ann.SendAsync(longest, Cancelled);
        await two.Ann.SendAsync("", Cancelled);
        await People.FailsAsync(ImErrorKind.TextTooLong, () => two.Ann.SendAsync(longest + "!", Cancelled));

        Assert.Equal([longest, ""], await two.Bob.TextsAsync(2));
    }

    [Fact]
    public async Task Presence_and_typing_are_told()
    {
        await using var two = await MeetAsync();
        await Eventually.HoldsAsync("Ann sees Bob", () => two.Ann.IsPeerOnline && two.Bob.IsPeerOnline && two.Ann.State.Status is ConversationStatus.Connected);
        var events = two.Ann.Watch();

        two.Bob.SetTyping(true);
        await Eventually.HoldsAsync("Bob types", () => events.Contains(new TypingChanged(true)));
        two.Bob.SetTyping(false);
        await Eventually.HoldsAsync("Bob no longer types", () => events.Contains(new TypingChanged(false)));
        await two.Bob.DisposeAsync();
        await Eventually.HoldsAsync("Bob is gone", () => !two.Ann.IsPeerOnline);

        Assert.Equal([new TypingChanged(true), new TypingChanged(false), new PresenceChanged(false)], events);
    }

    [Fact]
    public async Task What_was_stored_when_this_side_left_still_arrives()
    {
        await using var two = await MeetAsync();
        await two.Bob.IsAsync(ConversationStatus.Connected);
        await two.Ann.SendAsync("goodbye", Cancelled);
        await two.Ann.DisposeAsync();

        Assert.Equal(["goodbye"], await two.Bob.TextsAsync(1));
        Assert.Equal(new ConversationState(ConversationStatus.Ended), two.Ann.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => two.Ann.SendAsync("too late", Cancelled));
    }

    [Fact]
    public async Task A_side_that_ends_the_session_ends_it_for_both()
    {
        await using var two = await MeetAsync();
        await two.Bob.IsAsync(ConversationStatus.Connected);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        var unsure = await two.Bob.SendAsync("never read", Cancelled);

        await People.SurelyAsync(() => two.Ann.EndAsync(Cancelled));

        await People.FailsAsync(ImErrorKind.SessionEnded, () => two.Bob.TakeAsync(1));
        await People.FailsAsync(ImErrorKind.SessionEnded, () => two.Bob.SendAsync("too late", Cancelled));
        await People.FailsAsync(ImErrorKind.SessionEnded, () => unsure.Delivered);
        Assert.Equal((ConversationStatus.Ended, ImErrorKind.SessionEnded), (two.Bob.State.Status, two.Bob.State.Error?.Kind));
        Assert.Equal(new ConversationState(ConversationStatus.Ended), two.Ann.State);
    }

    [Fact]
    public async Task A_peer_that_wants_new_keys_is_told_of_and_the_new_conversation_ends_the_old_one()
    {
        await using var two = await MeetAsync();
        await two.Ann.IsAsync(ConversationStatus.Connected);
        await two.Bob.IsAsync(ConversationStatus.Connected);
        var events = two.Ann.Watch();

        var bobAgain = two.BobClient.RendezvousAsync(two.AnnClient.UserId, cancellationToken: Cancelled);
        await Eventually.HoldsAsync("Ann is told", () => events.Contains(new HandshakeOpened()));
        await using var annsNext = await two.AnnClient.RendezvousAsync(two.BobClient.UserId, cancellationToken: Cancelled);
        await using var bobsNext = await bobAgain;
        await annsNext.SendAsync("again", Cancelled);

        Assert.Equal(["again"], await bobsNext.TextsAsync(1));
        await two.Ann.IsAsync(ConversationStatus.Ended);
        Assert.Equal(ImErrorKind.SessionEnded, two.Ann.State.Error?.Kind);
        Assert.NotEqual(two.Ann.SafetyNumber, annsNext.SafetyNumber);
    }

    [Fact]
    public async Task Another_connection_of_the_same_user_takes_over_and_this_one_stops()
    {
        await using var two = await MeetAsync();
        await two.Ann.IsAsync(ConversationStatus.Connected);

        await using var other = await BusyStore.ConnectReadyAsync(nodes.One, two.AnnClient.UserId, two.BobClient.UserId);

        await People.FailsAsync(ImErrorKind.TakenOver, () => two.Ann.TakeAsync(1));
    }

    [Fact]
    public async Task Only_one_caller_receives_at_a_time_and_the_next_goes_on_where_it_left()
    {
        await using var two = await MeetAsync();
        await two.Ann.SendAsync("one", Cancelled);
        await two.Ann.SendAsync("two", Cancelled);
        await using var first = two.Bob.ReceiveAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await first.MoveNextAsync());

        await Assert.ThrowsAsync<InvalidOperationException>(() => two.Bob.TakeAsync(1));
        await first.DisposeAsync();

        Assert.Equal(["two"], await two.Bob.TextsAsync(1));
    }

    private Task<Two> MeetAsync(KeyMode mode = KeyMode.PublicKeys) => People.MeetAsync(nodes.One.BaseAddress, nodes.Other.BaseAddress, mode);
}
