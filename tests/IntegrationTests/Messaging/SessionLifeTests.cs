using System.Diagnostics;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 6, sliding life: a session lives so long past its last message or connected moment, and its queues exactly as long.</summary>
public abstract class SessionLifeTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(90);

    /// <summary>What a session has left before something renews it.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(45);

    private RedisSessionRepository Sessions => SessionsOf(Life);

    private PairKey Pair => PairKey.Of(UserId.Of(Ann).Value, UserId.Of(Bob).Value).Value;

    [Theory]
    [InlineData("enqueue")]
    [InlineData("touch")]
    [InlineData("detach")]
    public async Task The_session_and_both_queues_have_one_life_whatever_renewed_it(string step)
    {
        var (ann, bob) = await AttachAsync();
        using var queue = QueueOf(Life);
        await using var store = await StoreView.ConnectAsync(Node);
        await EnqueueAsync(queue, ann);
        await EnqueueAsync(queue, bob);

        foreach (var key in await store.KeysOfAsync(Ann, Bob))
        {
            await store.Database.KeyExpireAsync(key, Rest);
        }

        Assert.True(await StepAsync(step, ann, id: 2, Life));
        var keys = await store.KeysOfAsync(Ann, Bob);
        Assert.Equal(3, keys.Length);
        foreach (var key in keys)
        {
            Assert.InRange((await store.Database.KeyTimeToLiveAsync(key))!.Value, Rest, Life);
        }

        // A message makes no life shorter.
        Assert.True(await StepAsync(step is "enqueue" ? "touch" : step, ann, id: 3, TimeSpan.FromMilliseconds(500)));
        await Eventually.HoldsAsync("all of it is gone", async () => (await store.KeysOfAsync(Ann, Bob)).Length == 0);
        Assert.Equal(ErrorCode.SessionLost, (await Sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).Error!.Code);
    }

    [Fact]
    public async Task A_session_outlives_its_first_life_while_somebody_is_connected()
    {
        var life = TimeSpan.FromSeconds(3);
        var sessions = SessionsOf(life);

        // A machine that stands still for longer than a life ends the session by itself: then there is another one.
        await Eventually.HoldsAsync("a session was touched all the time", async () =>
        {
            var (ann, _) = await AttachAsync();
            var (begun, last, longest) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), TimeSpan.Zero);
            var lives = (await sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).IsOk;
            while (lives && Stopwatch.GetElapsedTime(begun) < life + TimeSpan.FromSeconds(1))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
                lives = (await sessions.TouchAsync(ann, TestContext.Current.CancellationToken)).IsOk;
                (last, longest) = (Stopwatch.GetTimestamp(), Longer(longest, Stopwatch.GetElapsedTime(last)));
            }

            Assert.True(lives || longest >= life, "It ended, though it was touched in time.");
            return lives;
        });
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>What renews a session, by a node whose sessions live so long.</summary>
    private async Task<bool> StepAsync(string step, Attachment ann, long id, TimeSpan life)
    {
        using var queue = QueueOf(life);
        return step switch
        {
            "enqueue" => (await queue.EnqueueAsync(ann, new OutgoingMessage(id, "body"u8.ToArray()), TestContext.Current.CancellationToken)).IsOk,
            "touch" => (await SessionsOf(life).TouchAsync(ann, TestContext.Current.CancellationToken)).IsOk,
            _ => (await SessionsOf(life).DetachAsync(ann, TestContext.Current.CancellationToken)).IsOk,
        };
    }

    private RedisSessionRepository SessionsOf(TimeSpan life) =>
        ActivatorUtilities.CreateInstance<RedisSessionRepository>(Node.Services, new MessagingOptions { SessionLifetime = life });

    private RedisMessageQueue QueueOf(TimeSpan life) =>
        ActivatorUtilities.CreateInstance<RedisMessageQueue>(Node.Services, new MessagingOptions { SessionLifetime = life });

    private static async Task EnqueueAsync(RedisMessageQueue queue, Attachment sender) =>
        Assert.True((await queue.EnqueueAsync(sender, new OutgoingMessage(1, "body"u8.ToArray()), TestContext.Current.CancellationToken)).IsOk);

    private async Task<(Attachment Ann, Attachment Bob)> AttachAsync()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        var attached = new List<Attachment>();
        foreach (var user in new[] { Ann, Bob })
        {
            var id = UserId.Of(user).Value;
            var found = await Sessions.FindAsync(Pair, id, TestContext.Current.CancellationToken);
            attached.Add((await Sessions.AttachAsync(found.Value, id, seen: 0, TestContext.Current.CancellationToken)).Value.Attachment);
        }

        return (attached[0], attached[1]);
    }

    public sealed class OnGarnet(GarnetNode node) : SessionLifeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : SessionLifeTests(node), IClassFixture<RedisNode>;
}
