using System.Diagnostics;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 7, faults: what a lost publication or a lost store does to a conversation.</summary>
public sealed class FaultTests
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    [Fact]
    public async Task Whatever_a_cut_subscription_did_not_tell_arrives_all_the_same_once_and_in_order()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString, "--Limits:FramesPerSecond=0");
        await using var store = await StoreView.ConnectAsync(node);
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(node, _pair.Bob, _pair.Ann);

        for (var id = 1; id <= 600; id++)
        {
            await ann.SendMsgAsync($"{id}", id);
            if (id % 100 == 50)
            {
                await store.CutSubscriptionsAsync();
            }
        }

        await ann.ExpectAsync("the last sent", frame => frame.Type == "sent" && frame.Number("id") == 600);
        await bob.ExpectAsync("the last message", frame => frame.Type == "msg" && frame.Number("seq") == 600, 2 * Eventually.Deadline);
        Assert.Equal(Enumerable.Range(1, 600).Select(seq => (long)seq), bob.Seqs());
        await bob.AckAsync(600);
        await ann.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == 600);
        Assert.Empty(ann.Of("error"));
    }

    [Fact]
    public async Task A_store_that_lost_everything_ends_idle_sockets_with_4404_within_fifteen_seconds()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await TestNode.StartPatientAsync(redis.ConnectionString);
        await using var other = await TestNode.StartPatientAsync(redis.ConnectionString);
        await using var store = await StoreView.ConnectAsync(node);

        await Eventually.OnceWithinAsync("both are told", TimeSpan.FromSeconds(15), async () =>
        {
            await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
            await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);
            await using var bob = await SocketClient.ConnectReadyAsync(other, _pair.Bob, _pair.Ann);
            var watch = Stopwatch.StartNew();
            await store.EmptyAsync();

            Assert.Equal((4404, 4404), (await ann.ClosedAsync(), await bob.ClosedAsync()));
            var took = watch.Elapsed;
            Assert.Equal(40301, (await node.Rest.SessionAsync(_pair.Ann, _pair.Bob)).Code);
            return took;
        });
    }

    [Fact]
    public async Task A_store_that_lost_everything_says_4404_to_whoever_sends()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();

        // Nobody else tells them.
        await using var node = await TestNode.StartAsync(redis.ConnectionString, Unswept.Start);
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);
        await using var store = await StoreView.ConnectAsync(node);
        await store.EmptyAsync();

        await ann.SendMsgAsync("into nothing", id: 1);

        Assert.Equal(4404, await ann.ClosedAsync());
        Assert.Empty(ann.Of("sent"));
    }
}
