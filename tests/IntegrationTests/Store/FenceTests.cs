using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>Whatever arrives late, from an older session or an older connection, changes nothing.</summary>
public abstract class FenceTests(NodeFixture fixture)
{
    private readonly StoreConversation _talk = StoreConversation.On(fixture.Node);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_acknowledgement_of_an_old_session_leaves_the_new_ones_queue_alone()
    {
        await _talk.AgreeAsync();
        var old = await _talk.AttachAsync(_talk.Bob);
        await _talk.SendAsync(await _talk.AttachAsync(_talk.Ann), "old", id: 1);
        await _talk.Handshakes.EndAsync(_talk.Pair, null, Cancelled);
        await _talk.AgreeAsync();
        await _talk.SendAsync(await _talk.AttachAsync(_talk.Ann), "new", id: 1);

        Assert.Equal(ErrorCode.SessionEnded, (await _talk.AcknowledgeAsync(old, 1)).Error!.Code);

        Assert.Equal(["new"], await _talk.ReadAsync(await _talk.AttachAsync(_talk.Bob)));
    }

    [Fact]
    public async Task A_frame_of_a_taken_over_connection_is_not_stored()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        var newer = await _talk.AttachAsync(_talk.Ann);

        Assert.Equal(ErrorCode.TakenOver, (await _talk.SendAsync(older, "late", id: 1)).Error!.Code);
        Assert.Equal(new Accepted(1, IsDuplicate: false), (await _talk.SendAsync(newer, "now", id: 1)).Value);

        Assert.Equal(["now"], await _talk.ReadAsync(await _talk.AttachAsync(_talk.Bob)));
    }

    [Fact]
    public async Task A_frame_of_an_old_session_is_not_stored_in_the_new_one()
    {
        await _talk.AgreeAsync();
        var old = await _talk.AttachAsync(_talk.Ann);
        await _talk.Handshakes.EndAsync(_talk.Pair, null, Cancelled);
        await _talk.AgreeAsync();

        Assert.Equal(ErrorCode.SessionEnded, (await _talk.SendAsync(old, "late")).Error!.Code);

        Assert.Empty(await _talk.ReadAsync(await _talk.AttachAsync(_talk.Bob)));
    }

    [Fact]
    public async Task A_late_attach_does_not_throw_out_the_live_connection()
    {
        await _talk.AgreeAsync();
        var foundBefore = await _talk.FindAsync(_talk.Ann);
        var live = await _talk.AttachAsync(_talk.Ann);

        var late = await _talk.TryAttachAsync(_talk.Ann, foundBefore);

        Assert.Equal(ErrorCode.StoreUnavailable, late.Error!.Code);
        Assert.True((await _talk.SendAsync(live, "still here")).IsOk);
    }

    [Fact]
    public async Task A_late_attach_to_an_old_session_claims_nothing_in_the_new_one()
    {
        await _talk.AgreeAsync();
        var foundBefore = await _talk.FindAsync(_talk.Ann);
        await _talk.Handshakes.EndAsync(_talk.Pair, null, Cancelled);
        await _talk.AgreeAsync();

        Assert.Equal(ErrorCode.NoSession, (await _talk.TryAttachAsync(_talk.Ann, foundBefore)).Error!.Code);

        Assert.Equal(0, (await _talk.FindAsync(_talk.Ann)).Epoch);
    }

    [Fact]
    public async Task A_late_detach_of_an_older_connection_leaves_the_newer_one_present()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Ann);
        var bob = await _talk.AttachAsync(_talk.Bob);

        Assert.Equal(ErrorCode.TakenOver, (await _talk.Sessions.DetachAsync(older, Cancelled)).Error!.Code);

        Assert.True((await _talk.TouchAsync(bob)).PeerOnline);
    }

    [Fact]
    public async Task A_late_touch_of_an_older_connection_renews_nothing_and_says_why()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Ann);

        Assert.Equal(ErrorCode.TakenOver, (await _talk.Sessions.TouchAsync(older, Cancelled)).Error!.Code);
    }

    [Fact]
    public async Task Of_several_connections_touched_in_one_call_each_has_its_own_answer_and_no_refusal_is_anothers()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        var ann = await _talk.AttachAsync(_talk.Ann);
        var bob = await _talk.AttachAsync(_talk.Bob);
        await _talk.Sessions.DetachAsync(bob, Cancelled);

        var touched = await _talk.Sessions.TouchAsync([bob, older, ann], Cancelled);

        Assert.Equal([ErrorCode.TakenOver, ErrorCode.TakenOver, null], touched.Select(one => one.IsOk ? null : (ErrorCode?)one.Error.Code));
        Assert.Equal((bob.Epoch, false), (touched[2].Value.PeerEpoch, touched[2].Value.PeerOnline));
    }

    [Fact]
    public async Task Both_of_a_pair_touched_in_one_call_see_each_other_and_what_waits_and_all_of_it_lives_on()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        var ann = await _talk.AttachAsync(_talk.Ann);
        var bob = await _talk.AttachAsync(_talk.Bob);
        await _talk.SendAsync(ann, "1", id: 1);
        await _talk.SendAsync(bob, "2", id: 1);
        var names = RedisKeys.Of(_talk.Pair);
        StackExchange.Redis.RedisKey[] keys = [names.Session, names.Queue(_talk.Ann), names.Queue(_talk.Bob)];
        foreach (var key in keys)
        {
            await _talk.Database.KeyExpireAsync(key, TimeSpan.FromSeconds(20));
        }

        var touched = await _talk.Sessions.TouchAsync([older, bob, ann], Cancelled);

        Assert.Equal(ErrorCode.TakenOver, touched[0].Error!.Code);
        Assert.Equal((1, 1, 0, true, ann.Epoch), Shown(touched[1].Value));
        Assert.Equal((1, 1, 0, true, bob.Epoch), Shown(touched[2].Value));
        foreach (var key in keys)
        {
            Assert.InRange(await _talk.Database.KeyTimeToLiveAsync(key) ?? TimeSpan.Zero, TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(300));
        }

        static (long LastSeq, long LastId, long Delivered, bool PeerOnline, long PeerEpoch) Shown(SessionProgress progress) =>
            (progress.LastSeq, progress.LastId, progress.Delivered, progress.PeerOnline, progress.PeerEpoch);
    }

    [Fact]
    public async Task A_late_read_or_signal_of_an_older_connection_is_refused()
    {
        await _talk.AgreeAsync();
        var older = await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Ann);

        Assert.Equal(ErrorCode.TakenOver, (await _talk.Queue.ReadAsync(older, 1, Cancelled)).Error!.Code);
        Assert.Equal(ErrorCode.TakenOver, (await _talk.Events.SignalAsync(older, new byte[] { 1 }, Cancelled)).Error!.Code);
        Assert.Equal(ErrorCode.TakenOver, (await _talk.AcknowledgeAsync(older, 0)).Error!.Code);
    }

    [Fact]
    public async Task Without_its_session_a_connection_learns_that_it_is_lost()
    {
        await _talk.AgreeAsync();
        var ann = await _talk.AttachAsync(_talk.Ann);
        await _talk.Handshakes.EndAsync(_talk.Pair, null, Cancelled);

        Assert.Equal(ErrorCode.SessionLost, (await _talk.SendAsync(ann, "into nothing")).Error!.Code);
        Assert.Equal(ErrorCode.SessionLost, (await _talk.Sessions.TouchAsync(ann, Cancelled)).Error!.Code);
        Assert.Equal(ErrorCode.SessionLost, (await _talk.Sessions.DetachAsync(ann, Cancelled)).Error!.Code);
        Assert.False(await _talk.Database.KeyExistsAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:session"));
    }

    [Fact]
    public async Task A_connection_newer_than_the_store_remembers_ends_the_session_for_both()
    {
        var session = await _talk.AgreeAsync();
        await _talk.AttachAsync(_talk.Ann);
        var bob = await _talk.AttachAsync(_talk.Bob);
        var fromTheFuture = Attachment.Of(session, _talk.Ann, epoch: 1L << 52);

        Assert.Equal(ErrorCode.SessionLost, (await _talk.SendAsync(fromTheFuture, "the store went back")).Error!.Code);

        Assert.Equal(ErrorCode.SessionLost, (await _talk.Sessions.TouchAsync(bob, Cancelled)).Error!.Code);
    }

    [Fact]
    public async Task An_epoch_is_not_given_twice_even_by_a_store_that_went_back()
    {
        await _talk.AgreeAsync();
        var lost = await _talk.AttachAsync(_talk.Ann);
        var key = $"im:{{{_talk.Ann}_{_talk.Bob}}}:session";
        await _talk.Database.HashDeleteAsync(key, [$"epoch:{_talk.Ann}", $"until:{_talk.Ann}", $"ever:{_talk.Ann}"]);

        // The claim of the first connection is forgotten, and another one comes before it calls again.
        var next = await _talk.AttachAsync(_talk.Ann);

        Assert.True(next.Epoch > lost.Epoch);
        Assert.Equal(ErrorCode.TakenOver, (await _talk.SendAsync(lost, "late")).Error!.Code);
    }

    [Theory]
    [InlineData("send")]
    [InlineData("read")]
    [InlineData("acknowledge")]
    public async Task A_queue_that_lost_messages_ends_the_session_instead_of_giving_their_seq_again(string step)
    {
        await _talk.AgreeAsync();
        var (ann, bob) = (await _talk.AttachAsync(_talk.Ann), await _talk.AttachAsync(_talk.Bob));
        await _talk.SendAsync(ann, "one", id: 1);
        await _talk.SendAsync(ann, "two", id: 2);
        await _talk.Database.ListRightPopAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:queue:{_talk.Bob}");

        var refusal = step switch
        {
            "send" => (await _talk.SendAsync(ann, "three", id: 3)).Error,
            "read" => (await _talk.Queue.ReadAsync(bob, 1, Cancelled)).Error,
            _ => (await _talk.AcknowledgeAsync(bob, 2)).Error,
        };

        Assert.Equal(ErrorCode.SessionLost, refusal!.Code);
        Assert.Equal(ErrorCode.NoSession, (await _talk.Sessions.FindAsync(_talk.Pair, _talk.Ann, Cancelled)).Error!.Code);
    }

    public sealed class OnGarnet(GarnetNode node) : FenceTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : FenceTests(node), IClassFixture<RedisNode>;

    public sealed class OnCluster(ClusterNode node) : FenceTests(node), IClassFixture<ClusterNode>;

    public sealed class OnSentinel(SentinelNode node) : FenceTests(node), IClassFixture<SentinelNode>;
}
