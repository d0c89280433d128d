using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 6, sliding life: a session lives so long past its last message or connected moment, and its queues exactly as long.</summary>
public abstract class SessionLifeTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(3);

    private RedisSessionRepository Sessions => ActivatorUtilities.CreateInstance<RedisSessionRepository>(Node.Services, Short);

    private static MessagingOptions Short => new() { SessionLifetime = Life };

    private PairKey Pair => PairKey.Of(UserId.Of(Ann).Value, UserId.Of(Bob).Value).Value;

    [Theory]
    [InlineData("enqueue")]
    [InlineData("touch")]
    [InlineData("detach")]
    public async Task The_session_and_both_queues_have_one_life_whatever_renewed_it(string step)
    {
        var (ann, bob, queue) = await AttachAsync();
        using var _ = queue;
        await using var store = await StoreView.ConnectAsync(Node);
        await EnqueueAsync(queue, ann);
        await EnqueueAsync(queue, bob);

        // Their first life, shorter than any renewal makes it.
        foreach (var key in await store.KeysOfAsync(Ann, Bob))
        {
            await store.Database.KeyExpireAsync(key, TimeSpan.FromSeconds(1));
        }

        var done = step switch
        {
            "enqueue" => (await queue.EnqueueAsync(ann, new OutgoingMessage(2, "body"u8.ToArray()), TestContext.Current.CancellationToken)).IsOk,
            "touch" => (await Sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).IsOk,
            _ => (await Sessions.DetachAsync(ann, TestContext.Current.CancellationToken)).IsOk,
        };

        Assert.True(done);
        var keys = await store.KeysOfAsync(Ann, Bob);
        Assert.Equal(3, keys.Length);
        foreach (var key in keys)
        {
            Assert.InRange((await store.Database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1.1), Life);
        }

        await Eventually.HoldsAsync("all of it is gone", async () => (await store.KeysOfAsync(Ann, Bob)).Length == 0);
        Assert.Equal(ErrorCode.SessionLost, (await Sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).Error!.Code);
    }

    [Fact]
    public async Task A_session_outlives_its_first_life_while_somebody_is_connected()
    {
        var (ann, _, queue) = await AttachAsync();
        using var __ = queue;
        var until = DateTime.UtcNow + Life + TimeSpan.FromSeconds(1);
        while (DateTime.UtcNow < until)
        {
            Assert.True((await Sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).IsOk);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        }

        Assert.True((await Sessions.FindAsync(Pair, ann.User, TestContext.Current.CancellationToken)).IsOk);
    }

    private static async Task EnqueueAsync(RedisMessageQueue queue, Attachment sender) =>
        Assert.True((await queue.EnqueueAsync(sender, new OutgoingMessage(1, "body"u8.ToArray()), TestContext.Current.CancellationToken)).IsOk);

    private async Task<(Attachment Ann, Attachment Bob, RedisMessageQueue Queue)> AttachAsync()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        var attached = new List<Attachment>();
        foreach (var user in new[] { Ann, Bob })
        {
            var id = UserId.Of(user).Value;
            var found = await Sessions.FindAsync(Pair, id, TestContext.Current.CancellationToken);
            attached.Add((await Sessions.AttachAsync(found.Value, id, seen: 0, TestContext.Current.CancellationToken)).Value.Attachment);
        }

        return (attached[0], attached[1], ActivatorUtilities.CreateInstance<RedisMessageQueue>(Node.Services, Short));
    }

    public sealed class OnGarnet(GarnetNode node) : SessionLifeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : SessionLifeTests(node), IClassFixture<RedisNode>;
}
