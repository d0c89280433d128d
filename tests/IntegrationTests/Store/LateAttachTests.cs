using Im.Domain;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>A store that answers after the node gave up.</summary>
public sealed class LateAttachTests
{
    [Fact]
    public async Task A_claim_granted_after_nobody_waits_for_it_is_given_back()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartAsync(redis.ConnectionString);
        var talk = StoreConversation.On(node);
        await talk.AgreeAsync();
        var found = await talk.FindAsync(talk.Ann);
        var bob = await talk.AttachAsync(talk.Bob);

        // The store leaves every command where it is until the node has given up, and then runs them all.
        redis.Freeze();
        try
        {
            Assert.Equal(Errors.StoreUnavailable, (await talk.TryAttachAsync(talk.Ann, found)).Error);
        }
        finally
        {
            redis.Thaw();
        }

        await Eventually.HoldsAsync("the claim was granted", async () => (await talk.Sessions.FindAsync(talk.Pair, talk.Ann, default)) is { IsOk: true, Value.Epoch: > 0 });
        await Eventually.HoldsAsync("and given back", async () => (await talk.Sessions.TouchAsync(bob, default)) is { IsOk: true, Value.PeerOnline: false });
    }
}
