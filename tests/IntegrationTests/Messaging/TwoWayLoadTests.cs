using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 2, order: one sender's messages reach the peer in the order sent, and <c>seq</c> has no gap.</summary>
public abstract class TwoWayLoadTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private const int Count = 2000;

    private static readonly IEnumerable<long> All = Enumerable.Range(1, Count).Select(seq => (long)seq);

    [Fact]
    public async Task Order_under_load_in_both_directions_nothing_is_missing_doubled_or_out_of_order()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:FramesPerSecond=0");
        await using var other = Fixture.Store is StoreKind.Redis ? await Fixture.StartAnotherAsync("--Limits:FramesPerSecond=0") : null;
        await node.Rest.AgreeAsync(Ann, Bob);
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(other ?? node, Bob, Ann);

        await Task.WhenAll(SendAllAsync(ann), SendAllAsync(bob), TakeAllAsync(ann), TakeAllAsync(bob));

        await ann.ExpectAsync("all delivered", frame => frame.Type == "delivered" && frame.Number("seq") == Count);
        await bob.ExpectAsync("all delivered", frame => frame.Type == "delivered" && frame.Number("seq") == Count);
        foreach (var client in new[] { ann, bob })
        {
            Assert.Equal(All, client.Seqs());
            Assert.Equal(All, client.Of("msg").Select(frame => frame.Number("id")));
            Assert.Equal(All, client.Of("msg").Select(frame => long.Parse(frame.Text("data"))));
            Assert.Equal(All, client.Of("sent").Select(frame => frame.Number("seq")));
            Assert.Empty(client.Of("error"));
        }
    }

    private static async Task SendAllAsync(SocketClient sender)
    {
        for (var id = 1; id <= Count; id++)
        {
            await Eventually.HoldsAsync("no more than 500 wait", () => sender.LastDelivered > id - 500);
            await sender.SendMsgAsync($"{id}", id);
        }
    }

    private static async Task TakeAllAsync(SocketClient recipient)
    {
        for (var seq = 1; seq <= Count; seq++)
        {
            await Eventually.HoldsAsync($"message {seq}", () => recipient.LastSeq >= seq);
            if (seq % 7 == 0 || seq == Count)
            {
                await recipient.AckAsync(seq);
            }
        }
    }

    public sealed class OnGarnet(GarnetNode node) : TwoWayLoadTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : TwoWayLoadTests(node), IClassFixture<RedisNode>;
}
