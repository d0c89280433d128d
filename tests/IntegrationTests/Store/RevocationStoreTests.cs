using System.Collections.Concurrent;
using Im.Application.Accounts;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Store;

/// <summary>What the store keeps of revoked tokens, for how long, and whom it tells.</summary>
public abstract class RevocationStoreTests(NodeFixture fixture)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Moment = DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_123);

    private readonly StoreConversation _talk = StoreConversation.On(fixture.Node);
    private readonly IRevocations _revocations = fixture.Node.Services.GetRequiredService<IRevocations>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Key => $"im:{{revoked}}:{_talk.Ann}";

    [Fact]
    public async Task A_revocation_is_kept_for_its_user_alone_and_for_its_life()
    {
        await RevokeAsync(Moment);

        Assert.Equal([new Revocation(_talk.Ann, Moment)], (await _revocations.FindAsync([_talk.Bob, _talk.Ann], Cancelled)).Value);
        Assert.InRange(await _talk.Database.KeyTimeToLiveAsync(Key) ?? TimeSpan.MaxValue, TimeSpan.FromSeconds(30), Life);
    }

    [Fact]
    public async Task It_is_gone_when_its_life_is_over()
    {
        await RevokeAsync(Moment, TimeSpan.FromMilliseconds(50));

        await Eventually.HoldsAsync("gone", async () => (await _revocations.FindAsync([_talk.Ann], Cancelled)).Value.Count == 0);
    }

    [Fact]
    public async Task Of_several_at_once_the_one_that_reaches_furthest_stays_and_lives_on()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => RevokeAsync(Moment.AddMilliseconds(i * 37 % 50))));

        Assert.Equal([new Revocation(_talk.Ann, Moment.AddMilliseconds(49))], (await _revocations.FindAsync([_talk.Ann], Cancelled)).Value);
        await RevokeAsync(Moment, 2 * Life);
        Assert.Equal([new Revocation(_talk.Ann, Moment.AddMilliseconds(49))], (await _revocations.FindAsync([_talk.Ann], Cancelled)).Value);
        Assert.InRange(await _talk.Database.KeyTimeToLiveAsync(Key) ?? TimeSpan.MaxValue, Life, 2 * Life);
    }

    [Fact]
    public async Task The_mark_is_another_one_after_every_revocation_also_when_the_store_has_lost_it_and_lives_as_long()
    {
        List<string> marks = [];
        foreach (var i in Enumerable.Range(0, 5))
        {
            await RevokeAsync(Moment.AddMilliseconds(-i));
            marks.Add((await _revocations.LastAsync(Cancelled)).Value);
        }

        // Others revoke in the same store, for other lives.
        await Eventually.HoldsAsync("the mark has the life of the last revocation", async () =>
        {
            await RevokeAsync(Moment);
            return await _talk.Database.KeyTimeToLiveAsync("im:{revoked}:last") is { } left && left >= Life / 2 && left <= Life;
        });
        await _talk.Database.KeyDeleteAsync("im:{revoked}:last");
        await RevokeAsync(Moment);
        marks.Add((await _revocations.LastAsync(Cancelled)).Value);

        Assert.Equal(6, marks.Distinct().Count());
        Assert.DoesNotContain("", marks);
    }

    [Fact]
    public async Task Whoever_listens_hears_it_until_they_stop()
    {
        var heard = new ConcurrentQueue<Revocation>();
        var subscription = (await _revocations.SubscribeAsync(heard.Enqueue, Cancelled)).Value;

        await RevokeAsync(Moment);
        await Eventually.HoldsAsync("heard", () => heard.Contains(new Revocation(_talk.Ann, Moment)));

        await subscription.DisposeAsync();
        await RevokeAsync(Moment.AddMilliseconds(1));
        Assert.DoesNotContain(new Revocation(_talk.Ann, Moment.AddMilliseconds(1)), heard);
    }

    private async Task RevokeAsync(DateTimeOffset until, TimeSpan? life = null) =>
        Assert.True((await _revocations.RevokeAsync(new Revocation(_talk.Ann, until), life ?? Life, Cancelled)).IsOk);

    public sealed class OnGarnet(GarnetNode node) : RevocationStoreTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : RevocationStoreTests(node), IClassFixture<RedisNode>;

    public sealed class OnCluster(ClusterNode node) : RevocationStoreTests(node), IClassFixture<ClusterNode>;

    public sealed class OnSentinel(SentinelNode node) : RevocationStoreTests(node), IClassFixture<SentinelNode>;
}
