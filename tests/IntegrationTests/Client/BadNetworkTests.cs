using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Lines that are cut, slow or dead, queues that are full, stores that forget: the conversation goes on, or says why not.</summary>
public sealed class BadNetworkTests(SharedRedis redis, TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cut_connections_lose_nothing_double_nothing_and_keep_the_order()
    {
        await using var proxy = new StallingProxy(nodes.One.BaseAddress.Port);
        await using var two = await People.MeetAsync(new Uri($"http://{proxy.ConnectionString}"), nodes.Other.BaseAddress);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        var texts = Enumerable.Range(1, 300).Select(n => $"{n}").ToArray();

        var receiving = Task.WhenAll(two.Ann.TextsAsync(texts.Length, People.Long), two.Bob.TextsAsync(texts.Length, People.Long));
        foreach (var part in texts.Chunk(100))
        {
            var sending = Task.WhenAll(part.SelectMany(text => new[] { two.Ann.SendAsync(text, Cancelled), two.Bob.SendAsync(text, Cancelled) }));
            proxy.Drop();
            await sending.WaitAsync(People.Long, Cancelled);
        }

        Assert.All(await receiving, received => Assert.Equal(texts, received));
    }

    [Fact]
    public async Task A_connection_that_is_cut_half_way_through_a_frame_loses_nothing()
    {
        await using var proxy = new StallingProxy(nodes.One.BaseAddress.Port);
        await using var two = await People.MeetAsync(new Uri($"http://{proxy.ConnectionString}"), nodes.Other.BaseAddress);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        var texts = Enumerable.Range(1, 5).Select(n => new string((char)('a' + n), 20_000)).ToArray();

        var receiving = Task.WhenAll(two.Ann.TextsAsync(texts.Length, People.Long), two.Bob.TextsAsync(texts.Length, People.Long));
        foreach (var text in texts)
        {
            proxy.Halve();
            await Task.WhenAll(two.Ann.SendAsync(text, Cancelled), two.Bob.SendAsync(text, Cancelled)).WaitAsync(People.Long, Cancelled);
        }

        Assert.All(await receiving, received => Assert.Equal(texts, received));
        Assert.True(proxy.Halved > 0);
    }

    [Fact]
    public async Task A_slow_line_delivers_everything()
    {
        await using var proxy = new StallingProxy(nodes.One.BaseAddress.Port);
        proxy.Set(Flow.Delay, TimeSpan.FromMilliseconds(100));
        await using var two = await People.MeetAsync(new Uri($"http://{proxy.ConnectionString}"), nodes.Other.BaseAddress);
        var texts = Enumerable.Range(1, 50).Select(n => $"{n}").ToArray();

        var receiving = Task.WhenAll(two.Ann.TextsAsync(texts.Length, People.Long), two.Bob.TextsAsync(texts.Length, People.Long));
        await Task.WhenAll(texts.SelectMany(text => new[] { two.Ann.SendAsync(text, Cancelled), two.Bob.SendAsync(text, Cancelled) })).WaitAsync(People.Long, Cancelled);

        Assert.All(await receiving, received => Assert.Equal(texts, received));
    }

    [Fact]
    public async Task While_the_server_is_away_the_conversation_says_so_and_when_it_tries_again_and_then_goes_on()
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var two = await People.MeetAsync(node.BaseAddress, nodes.Other.BaseAddress);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        await two.Bob.IsAsync(ConversationStatus.Connected);
        await node.KillAsync();
        await Eventually.HoldsAsync("Ann knows", () => two.Ann.State is { Status: ConversationStatus.Reconnecting, Error.Kind: ImErrorKind.ServerUnavailable, NextTryAt: not null });
        var sending = two.Ann.SendAsync("when you are back", Cancelled);

        await node.RestartAsync();

        Assert.Equal(["when you are back"], await two.Bob.TextsAsync(1, People.Long));
        await sending.WaitAsync(Eventually.Deadline, Cancelled);
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_for_the_next_try_has_it_at_once()
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        var (ann, bob) = Pairs.Fresh();
        var clock = new StoppableClock();
        await using var two = await People.MeetAsync(People.At(node.BaseAddress, ann, clock: clock), People.At(nodes.Other.BaseAddress, bob));
        await two.Ann.IsAsync(ConversationStatus.Connected);

        // From here on no wait of hers ends by itself.
        clock.Stop();
        await node.KillAsync();
        await Eventually.HoldsAsync("Ann waits", () => two.Ann.State is { Status: ConversationStatus.Reconnecting, NextTryAt: not null });
        await node.RestartAsync();

        // Again where the store was too busy for it.
        await Eventually.HoldsAsync("Ann is connected", () =>
        {
            two.Ann.RetryNow();
            return two.Ann.State.Status is ConversationStatus.Connected;
        });
    }

    [Fact]
    public async Task A_full_queue_is_told_the_messages_wait_and_go_out_when_the_peer_takes_some()
    {
        await using var node = await TestNode.StartAsync(null, "--Messaging:MaxQueuedMessages=5");
        var (ann, bob) = Pairs.Fresh();
        var few = new ImClientOptions { Server = node.BaseAddress, OutboxLimit = 8, ReceiveLimit = 1 };
        await using var two = await People.MeetAsync(People.At(node.BaseAddress, ann, limits: few), People.At(node.BaseAddress, bob, limits: few));
        await two.Ann.IsAsync(ConversationStatus.Connected);
        var events = two.Ann.Watch();

        // Five in the queue and eight in the outbox.
        var sends = new List<Task<SentMessage>>();
        for (var n = 1; n <= 13; n++)
        {
            sends.Add(two.Ann.SendAsync($"{n}", Cancelled));
            if (n <= 5)
            {
                await sends[^1].WaitAsync(Eventually.Deadline, Cancelled);
            }
        }

        await Eventually.HoldsAsync("Ann is told", () => events.OfType<SendingPaused>().Any(paused => paused.Error.Kind is ImErrorKind.QueueFull));
        var full = await People.FailsAsync(ImErrorKind.OutboxFull, () => two.Ann.SendAsync("one too many", Cancelled));
        Assert.NotNull(full.InnerException);

        Assert.Equal(Enumerable.Range(1, 13).Select(n => $"{n}"), await two.Bob.TextsAsync(13, People.Long));
        await Task.WhenAll(sends).WaitAsync(Eventually.Deadline, Cancelled);
        Assert.Contains(new SendingResumed(), events);
    }

    [Fact]
    public async Task More_frames_than_the_limit_wait_and_arrive()
    {
        await using var node = await TestNode.StartAsync(null, "--Limits:FramesPerSecond=20");
        await using var two = await People.MeetAsync(node.BaseAddress, node.BaseAddress);
        var texts = Enumerable.Range(1, 100).Select(n => $"{n}").ToArray();

        var sends = texts.Select(text => two.Ann.SendAsync(text, Cancelled)).ToList();

        Assert.Equal(texts, await two.Bob.TextsAsync(texts.Length, People.Long));
        await Task.WhenAll(sends).WaitAsync(Eventually.Deadline, Cancelled);
    }

    [Fact]
    public async Task A_store_that_lost_everything_ends_the_conversation_of_both_sides_as_lost()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await TestNode.StartAsync(server.ConnectionString);
        await using var two = await People.MeetAsync(node.BaseAddress, node.BaseAddress);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        await two.Bob.IsAsync(ConversationStatus.Connected);
        await using var store = await StoreView.ConnectAsync(node);

        await store.EmptyAsync();

        await People.FailsAsync(ImErrorKind.SessionLost, () => two.Ann.TakeAsync(1, People.Long));
        await People.FailsAsync(ImErrorKind.SessionLost, () => two.Bob.TakeAsync(1, People.Long));
    }

    [Fact]
    public async Task A_message_that_is_cancelled_before_it_went_out_is_not_sent()
    {
        await using var proxy = new StallingProxy(nodes.One.BaseAddress.Port);
        await using var two = await People.MeetAsync(new Uri($"http://{proxy.ConnectionString}"), nodes.Other.BaseAddress);
        await two.Ann.IsAsync(ConversationStatus.Connected);
        proxy.Set(Flow.Hold);
        proxy.Drop();
        await two.Ann.IsAsync(ConversationStatus.Reconnecting);
        using var cancelling = new CancellationTokenSource();
        var sending = two.Ann.SendAsync("never mind", cancelling.Token);

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        proxy.Set(Flow.Pass);
        Assert.Equal(1, (await two.Ann.SendAsync("this instead", Cancelled).WaitAsync(People.Long, Cancelled)).Id);
        Assert.Equal(["this instead"], await two.Bob.TextsAsync(1));
    }
}
