using CsCheck;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>The store makes the handshake's steps as the domain does, and wipes what is over.</summary>
public abstract class HandshakeStoreTests(NodeFixture fixture)
{
    private readonly StoreConversation _talk = StoreConversation.On(fixture.Node);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string HandshakeKey => $"im:{{{_talk.Ann}_{_talk.Bob}}}:handshake";

    [Fact]
    public async Task The_key_is_wiped_when_both_have_connected_to_this_session()
    {
        await _talk.AgreeAsync();
        await _talk.AttachAsync(_talk.Ann);
        Assert.True(await _talk.Database.KeyExistsAsync(HandshakeKey));

        await _talk.AttachAsync(_talk.Bob);

        Assert.False(await _talk.Database.KeyExistsAsync(HandshakeKey));
    }

    [Fact]
    public async Task A_handshake_opened_again_is_not_wiped_by_connections_to_the_present_session()
    {
        await _talk.AgreeAsync();
        await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Bob);
        var reopened = (await _talk.ExchangeAsync(_talk.Ann)).Stored.Handshake;

        await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Bob);

        var completed = (await _talk.ExchangeAsync(_talk.Bob)).Stored.Handshake;
        Assert.Equal((reopened.Session, reopened.Key, true), (completed.Session, completed.Key, completed.IsCompleted));
    }

    [Fact]
    public async Task Completing_wipes_the_older_session_and_both_its_queues()
    {
        await _talk.AgreeAsync();
        await _talk.SendAsync(await _talk.AttachAsync(_talk.Ann), "to bob");
        await _talk.SendAsync(await _talk.AttachAsync(_talk.Bob), "to ann");

        await _talk.AgreeAsync();

        Assert.Empty(await _talk.ReadAsync(await _talk.AttachAsync(_talk.Ann)));
        Assert.Empty(await _talk.ReadAsync(await _talk.AttachAsync(_talk.Bob)));
    }

    [Fact]
    public async Task A_completed_answer_is_void_without_its_session()
    {
        var first = await _talk.AgreeAsync();
        await _talk.Database.KeyDeleteAsync($"im:{{{_talk.Ann}_{_talk.Bob}}}:session");

        var next = await _talk.ExchangeAsync(_talk.Ann);

        Assert.True(next.Opened);
        Assert.NotEqual(first.Id, next.Stored.Handshake.Session);
    }

    [Fact]
    public async Task Ending_one_session_by_name_leaves_a_handshake_opened_since()
    {
        var session = await _talk.AgreeAsync();
        await _talk.AttachAsync(_talk.Ann);
        await _talk.AttachAsync(_talk.Bob);
        var reopened = (await _talk.ExchangeAsync(_talk.Ann)).Stored.Handshake;

        await _talk.Handshakes.EndAsync(_talk.Pair, session.Id, Cancelled);

        Assert.Equal(reopened.Session, (await _talk.ExchangeAsync(_talk.Bob)).Stored.Handshake.Session);
    }

    [Fact]
    public async Task A_call_that_may_not_open_is_refused_only_where_it_would_open()
    {
        var call = new ExchangeCall(Handshake.Open(_talk.Pair, _talk.Ann, ImKey.Generate(32)), MayOpen: false);
        Assert.Equal(ErrorCode.RateLimited, (await _talk.Handshakes.ExchangeAsync(call, Cancelled)).Error!.Code);

        await _talk.ExchangeAsync(_talk.Bob);

        Assert.True((await _talk.Handshakes.ExchangeAsync(call, Cancelled)).Value.Stored.Handshake.IsCompleted);
    }

    /// <summary>Any calls by both sides, in both modes: the store answers what the domain's own state machine says.</summary>
    [Fact]
    public Task The_store_and_the_domain_agree_on_any_calls() =>
        Gen.Select(Gen.Bool, Gen.Bool).Array[1, 8].SampleAsync(
            async calls =>
            {
                var talk = StoreConversation.On(fixture.Node);
                Handshake? model = null;
                foreach (var (byAnn, withPublicKey) in calls)
                {
                    var caller = byAnn ? talk.Ann : talk.Bob;
                    var publicKey = withPublicKey ? PublicKey.Parse(SessionId.Generate().Hex).Value : null;
                    var proposal = publicKey is null ? Handshake.Open(talk.Pair, caller, ImKey.Generate(32)) : Handshake.Open(talk.Pair, caller, publicKey);

                    var stored = await talk.Handshakes.ExchangeAsync(new ExchangeCall(proposal, MayOpen: true), CancellationToken.None);

                    var expected = model is null ? proposal : model.CalledBy(caller, publicKey);
                    Assert.Equal(expected.Error?.Code, stored.Error?.Code);
                    if (expected.IsOk)
                    {
                        model = expected.Value;
                        AssertSame(model, stored.Value.Stored.Handshake, talk);
                    }
                }
            },
            iter: 100,
            threads: 1);

    private static void AssertSame(Handshake expected, Handshake actual, StoreConversation talk)
    {
        Assert.Equal(
            (expected.Session, expected.OpenedBy, expected.Mode, expected.Key, expected.IsCompleted),
            (actual.Session, actual.OpenedBy, actual.Mode, actual.Key, actual.IsCompleted));
        Assert.Equal(
            (expected.PublicKeyOf(talk.Ann), expected.PublicKeyOf(talk.Bob)),
            (actual.PublicKeyOf(talk.Ann), actual.PublicKeyOf(talk.Bob)));
    }

    public sealed class OnGarnet(GarnetNode node) : HandshakeStoreTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : HandshakeStoreTests(node), IClassFixture<RedisNode>;

    public sealed class OnCluster(ClusterNode node) : HandshakeStoreTests(node), IClassFixture<ClusterNode>;

    public sealed class OnSentinel(SentinelNode node) : HandshakeStoreTests(node), IClassFixture<SentinelNode>;
}
