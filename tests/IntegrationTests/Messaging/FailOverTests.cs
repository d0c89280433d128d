using System.Diagnostics;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 7, a fail-over behind a sentinel: what the new master kept goes on, what it did not ends with 4404, and nothing is lost unsaid.</summary>
public sealed class FailOverTests
{
    /// <summary>Sooner than a sweep comes after the one before it.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [InlineData(false, "--min-replicas-to-write", "1")]
    public async Task Whatever_was_sent_arrives_once_and_in_order_or_both_sides_are_told_that_it_is_lost(bool masterDies, params string[] flags)
    {
        Assert.SkipUnless(RedisSentinel.IsInstalled, RedisSentinel.NotInstalled);
        await using var redis = await RedisSentinel.StartAsync(flags);
        await using var one = await TestNode.StartAsync(redis.ConnectionString, "--Limits:FramesPerSecond=0");
        await using var other = await TestNode.StartAsync(redis.ConnectionString, "--Limits:FramesPerSecond=0");
        var talks = Enumerable.Range(0, 6).Select(_ => new CheckedTalk(one, other)).ToArray();
        await Task.WhenAll(talks.Select(talk => talk.ConnectAsync()));
        using var stop = new CancellationTokenSource();
        var running = talks.Select(talk => talk.RunAsync(stop.Token)).ToArray();
        await Eventually.HoldsAsync("all are talking", () => talks.All(talk => talk.Arrived > 50), 2 * Eventually.Deadline);

        await FailOverAsync(redis, masterDies);

        var sentBefore = talks.Select(talk => talk.Sent).ToArray();
        await Eventually.HoldsAsync(
            "everybody goes on, or was told",
            () => talks.Select((talk, i) => talk.Arrived > sentBefore[i] + 50 || running[i].IsCompleted).All(done => done),
            2 * Eventually.Deadline);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        // Whoever lost a session makes another one.
        var next = new CheckedTalk(one, other);
        await next.ConnectAsync();
        using var enough = new CancellationTokenSource();
        var talking = next.RunAsync(enough.Token);
        await Eventually.HoldsAsync("a new session works", () => next.Arrived > 50 || talking.IsCompleted);
        await enough.CancelAsync();
        Assert.True(await talking);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_new_master_kept_goes_on_over_the_same_sockets_and_publications_arrive_again(bool masterDies)
    {
        Assert.SkipUnless(RedisSentinel.IsInstalled, RedisSentinel.NotInstalled);
        await using var redis = await RedisSentinel.StartAsync();
        await using var one = await TestNode.StartPatientAsync(redis.ConnectionString);
        await using var other = await TestNode.StartPatientAsync(redis.ConnectionString);
        await one.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(one, _pair.Ann, _pair.Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(other, _pair.Bob, _pair.Ann);
        await ann.SendMsgAsync("before", id: 1);
        await bob.NextAsync("msg");
        await redis.ReplicatedAsync();

        await FailOverAsync(redis, masterDies);
        await Eventually.HoldsAsync("both nodes are ready on the new master", async () => await IsReadyAsync(one) && await IsReadyAsync(other));
        await Eventually.HoldsAsync("both nodes listen to the new master", async () => await redis.SubscribersAsync($"im:{{{_pair.Ann}_{_pair.Bob}}}:to:{_pair.Bob}") == 1);

        // Right behind what a sweep may have told, the next sweep is ten seconds away: there and back at once is by publications.
        await ThereAndBackAsync(ann, bob, id: 2);
        var id = 2;
        await Eventually.OnceWithinAsync("a message is delivered", AtOnce, () => ThereAndBackAsync(ann, bob, ++id));
        await bob.CloseAsync();
        await ann.ExpectAsync("Bob's absence", frame => frame.Type == "presence" && !frame.Json.GetProperty("online").GetBoolean());
    }

    [Fact]
    public async Task Where_a_master_must_have_a_replica_what_is_said_while_two_call_themselves_master_is_refused_until_it_is_stored_and_the_session_goes_on()
    {
        Assert.SkipUnless(RedisSentinel.IsInstalled, RedisSentinel.NotInstalled);
        await using var redis = await RedisSentinel.StartAsync("--min-replicas-to-write", "1");
        await using var one = await TestNode.StartAsync(redis.ConnectionString);
        await using var other = await TestNode.StartAsync(redis.ConnectionString);
        await one.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(one, _pair.Ann, _pair.Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(other, _pair.Bob, _pair.Ann);
        await ann.SendMsgAsync("before", id: 1);
        await bob.NextAsync("msg");
        await redis.ReplicatedAsync();

        await redis.BeginFailOverAsync();
        await SendUntilSentAsync(ann, "meanwhile", id: 2);
        await redis.EndFailOverAsync();

        Assert.Equal([50300], ann.Of("error").Select(refused => refused.Number("code")).Distinct());
        Assert.Equal("meanwhile", (await bob.NextAsync("msg", 2 * Eventually.Deadline)).Text("data"));
        await SendUntilSentAsync(ann, "after", id: 3);
        Assert.Equal("after", (await bob.NextAsync("msg")).Text("data"));
        Assert.Equal([1, 2, 3], bob.Seqs());
    }

    /// <summary>Sends a message again until it is stored.</summary>
    private static Task SendUntilSentAsync(SocketClient sender, string text, long id) => Eventually.HoldsAsync(
        $"message {id} is stored",
        async () =>
        {
            await sender.SendMsgAsync(text, id);
            return (await sender.ExpectAsync("an answer", frame => frame.Type is "sent" or "error" && frame.Number("id") == id)).Type == "sent";
        },
        2 * Eventually.Deadline);

    /// <summary>Sends a message, which the other side acknowledges; how long it took until the sender knew.</summary>
    private static async Task<TimeSpan> ThereAndBackAsync(SocketClient sender, SocketClient recipient, int id)
    {
        var watch = Stopwatch.StartNew();
        await sender.SendMsgAsync("after", id);
        Assert.Equal(id, (await sender.ExpectAsync("sent", frame => frame.Type == "sent" && frame.Number("id") == id)).Number("seq"));
        Assert.Equal(id, (await recipient.NextAsync("msg")).Number("seq"));
        await recipient.AckAsync(id);
        await sender.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == id);
        return watch.Elapsed;
    }

    private static Task FailOverAsync(RedisSentinel redis, bool masterDies) => masterDies ? redis.KillMasterAsync() : redis.FailOverAsync();

    private static async Task<bool> IsReadyAsync(TestNode node) => (await node.Http.GetAsync("/health/ready", Cancelled)).IsSuccessStatusCode;
}
