using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Store;

/// <summary>What waits for a user: counted, bounded, in order, and alive as long as its session.</summary>
public abstract class QueueTests(NodeFixture fixture)
{
    private readonly StoreConversation _talk = StoreConversation.On(fixture.Node);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeated_id_is_a_duplicate_under_its_first_seq_and_a_skipped_one_says_what_is_due()
    {
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);
        await _talk.SendAsync(ann, "one", id: 1);
        await _talk.SendAsync(ann, "two", id: 2);

        Assert.Equal(new Accepted(1, IsDuplicate: true), (await _talk.SendAsync(ann, "one", id: 1)).Value);
        Assert.Equal(3, (await _talk.SendAsync(ann, "five", id: 5)).Error!.Expected);
        Assert.Equal(["one", "two"], await _talk.ReadAsync(await _talk.AttachAsync(_talk.Bob)));
    }

    [Theory]
    [InlineData(null, 1L)]
    [InlineData(1L, null)]
    public async Task Ids_are_kept_from_the_first_message_to_the_last_or_not_at_all(long? first, long? second)
    {
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);
        await _talk.SendAsync(ann, "first", first);
        await _talk.AcknowledgeAsync(await _talk.AttachAsync(_talk.Bob), 1);

        var mixed = await _talk.SendAsync(await _talk.AttachAsync(_talk.Ann), "second", second);

        Assert.Equal(Errors.MixedIds, mixed.Error);
    }

    [Fact]
    public async Task The_two_directions_are_counted_apart()
    {
        await _talk.AgreeAsync();
        var (ann, bob) = (await _talk.AttachAsync(_talk.Ann), await _talk.AttachAsync(_talk.Bob));

        Assert.Equal(1, (await _talk.SendAsync(ann, "a", id: 1)).Value.Seq);
        Assert.Equal(1, (await _talk.SendAsync(bob, "b")).Value.Seq);
        Assert.Equal(2, (await _talk.SendAsync(bob, "c")).Value.Seq);
    }

    [Fact]
    public async Task Messages_sent_at_once_keep_the_order_in_which_they_were_sent()
    {
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);

        var accepted = await Task.WhenAll(Enumerable.Range(1, 500).Select(id => _talk.SendAsync(ann, $"{id}", id)));

        Assert.Equal(Enumerable.Range(1, 500), accepted.Select(answer => (int)answer.Value.Seq));
        var bob = await _talk.AttachAsync(_talk.Bob);
        var read = new List<string>();
        while (read.Count < 500)
        {
            read.AddRange(await _talk.ReadAsync(bob, read.Count + 1));
        }

        Assert.Equal(Enumerable.Range(1, 500).Select(id => $"{id}"), read);
    }

    [Fact]
    public async Task A_queue_is_bounded_by_count_and_takes_more_once_some_is_acknowledged()
    {
        var talk = StoreConversation.On(fixture.Node, new MessagingOptions { MaxQueuedMessages = 3 });
        await talk.AgreeAsync();
        var (ann, bob) = (await talk.AttachAsync(talk.Ann), await talk.AttachAsync(talk.Bob));

        var answers = await Task.WhenAll(Enumerable.Range(1, 4).Select(id => talk.SendAsync(ann, "x", id)));

        Assert.Equal(Errors.QueueFull, answers[3].Error);
        await talk.AcknowledgeAsync(bob, 1);
        Assert.Equal(4, (await talk.SendAsync(ann, "x", id: 4)).Value.Seq);
    }

    [Fact]
    public async Task A_queue_is_bounded_by_bytes_and_acknowledging_frees_exactly_those_of_its_messages()
    {
        var talk = StoreConversation.On(fixture.Node, new MessagingOptions { MaxQueuedBytes = 100 });
        await talk.AgreeAsync();
        var (ann, bob) = (await talk.AttachAsync(talk.Ann), await talk.AttachAsync(talk.Bob));
        await talk.SendAsync(ann, new string('a', 60), id: 1);
        await talk.SendAsync(ann, new string('b', 40), id: 2);

        Assert.Equal(Errors.QueueFull, (await talk.SendAsync(ann, "c", id: 3)).Error);
        await talk.AcknowledgeAsync(bob, 1);

        Assert.Equal(Errors.QueueFull, (await talk.SendAsync(ann, new string('c', 61), id: 3)).Error);
        Assert.Equal(3, (await talk.SendAsync(ann, new string('c', 60), id: 3)).Value.Seq);
    }

    [Fact]
    public async Task Acknowledging_is_cumulative_a_lower_one_changes_nothing_and_one_beyond_is_refused()
    {
        await _talk.AgreeAsync();
        var (ann, bob) = (await _talk.AttachAsync(_talk.Ann), await _talk.AttachAsync(_talk.Bob));
        await Task.WhenAll(Enumerable.Range(1, 5).Select(id => _talk.SendAsync(ann, $"{id}", id)));

        Assert.True((await _talk.AcknowledgeAsync(bob, 3)).IsOk);
        Assert.True((await _talk.AcknowledgeAsync(bob, 2)).IsOk);
        Assert.Equal(Errors.AcknowledgedBeyond, (await _talk.AcknowledgeAsync(bob, 6)).Error);

        Assert.Equal(["4", "5"], await _talk.ReadAsync(bob));
        Assert.Equal(3, (await _talk.TouchAsync(ann)).Delivered);
    }

    [Fact]
    public async Task A_page_holds_at_most_64_messages_or_256_KiB_but_at_least_one()
    {
        await _talk.AgreeAsync();
        var (ann, bob) = (await _talk.AttachAsync(_talk.Ann), await _talk.AttachAsync(_talk.Bob));
        await Task.WhenAll(Enumerable.Range(1, 70).Select(id => _talk.SendAsync(ann, $"{id}", id)));
        Assert.Equal(64, (await _talk.ReadAsync(bob)).Length);
        Assert.Equal(6, (await _talk.ReadAsync(bob, from: 65)).Length);

        await _talk.AcknowledgeAsync(bob, 70);
        await Task.WhenAll(Enumerable.Range(71, 5).Select(id => _talk.SendAsync(ann, new string('x', 100_000), id)));
        Assert.Equal(2, (await _talk.ReadAsync(bob)).Length);
    }

    [Theory]
    [InlineData("attach")]
    [InlineData("send")]
    [InlineData("touch")]
    [InlineData("detach")]
    public async Task Whatever_renews_a_session_renews_both_its_queues_by_the_same_life(string step)
    {
        await _talk.AgreeAsync();
        var (ann, bob) = (await _talk.AttachAsync(_talk.Ann), await _talk.AttachAsync(_talk.Bob));
        await _talk.SendAsync(ann, "to bob");
        await _talk.SendAsync(bob, "to ann");
        string[] keys = ["session", $"queue:{_talk.Ann}", $"queue:{_talk.Bob}"];
        foreach (var key in keys)
        {
            await _talk.Database.KeyExpireAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:{key}", TimeSpan.FromSeconds(20));
        }

        _ = step switch
        {
            "attach" => (await _talk.TryAttachAsync(_talk.Bob)).IsOk,
            "send" => (await _talk.SendAsync(ann, "more")).IsOk,
            "touch" => (await _talk.Sessions.TouchAsync(bob, Cancelled)).IsOk,
            _ => (await _talk.Sessions.DetachAsync(bob, Cancelled)).IsOk,
        };

        foreach (var key in keys)
        {
            var life = await _talk.Database.KeyTimeToLiveAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:{key}");
            Assert.InRange(life!.Value, TimeSpan.FromSeconds(280), TimeSpan.FromSeconds(300));
        }
    }

    [Fact]
    public async Task A_session_whose_life_is_over_is_gone_with_its_queues()
    {
        var brief = ActivatorUtilities.CreateInstance<RedisSessionRepository>(fixture.Node.Services, new MessagingOptions { SessionLifetime = TimeSpan.FromMilliseconds(300) });
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);
        Assert.True((await _talk.SendAsync(ann, "soon gone")).IsOk);

        Assert.True((await brief.TouchAsync(ann, Cancelled)).IsOk);
        await Eventually.HoldsAsync(
            "the session's life is over", async () => (await _talk.Sessions.FindAsync(_talk.Pair, _talk.Ann, Cancelled)).Error?.Code is ErrorCode.NoSession);

        Assert.Equal(ErrorCode.SessionLost, (await _talk.SendAsync(ann, "too late")).Error!.Code);
        Assert.Equal(0, await _talk.Database.ListLengthAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:queue:{_talk.Bob}"));
    }

    [Fact]
    public async Task What_the_client_has_seen_does_not_wait_any_more_and_more_than_was_given_is_refused()
    {
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);
        await Task.WhenAll(Enumerable.Range(1, 3).Select(id => _talk.SendAsync(ann, $"{id}", id)));

        Assert.Equal(ErrorCode.MalformedFrame, (await _talk.TryAttachAsync(_talk.Bob, seen: 4)).Error!.Code);
        var bob = (await _talk.TryAttachAsync(_talk.Bob, seen: 2)).Value;

        Assert.Equal((3, 2), (bob.Progress.LastSeq, bob.Progress.Acknowledged));
        Assert.Equal(["3"], await _talk.ReadAsync(bob.Attachment));
        Assert.Equal(2, (await _talk.TouchAsync(ann)).Delivered);
    }

    public sealed class OnGarnet(GarnetNode node) : QueueTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : QueueTests(node), IClassFixture<RedisNode>;

    public sealed class OnCluster(ClusterNode node) : QueueTests(node), IClassFixture<ClusterNode>;

    public sealed class OnSentinel(SentinelNode node) : QueueTests(node), IClassFixture<SentinelNode>;
}
