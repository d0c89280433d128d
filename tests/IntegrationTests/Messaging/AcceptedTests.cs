using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Promise 1, accepted means stored, and promise 3, at least once, and once to whoever counts.</summary>
public abstract class AcceptedTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task Unacknowledged_messages_come_again_after_every_reconnect_first_and_in_order_on_any_node()
    {
        await using var talk = await TalkAsync();
        for (var id = 1; id <= 200; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
        }

        await talk.Bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == 200);
        talk.Bob.Abort();
        foreach (var node in new[] { Node, Other, Node })
        {
            await using var again = await SocketClient.ConnectReadyAsync(node, Bob, Ann);
            Assert.Equal(["presence", .. Enumerable.Repeat("msg", 200), "ready"], again.Frames.Select(frame => frame.Type));
            Assert.Equal(Enumerable.Range(1, 200).Select(seq => (long)seq), again.Seqs());
            again.Abort();
        }
    }

    [Fact]
    public async Task A_sender_that_resends_after_it_was_cut_off_produces_no_second_copy_and_no_gap()
    {
        await using var talk = await TalkAsync();
        for (var round = 0; round < 5; round++)
        {
            await using var ann = await SocketClient.ConnectAsync(round % 2 == 0 ? Node : Other, Ann, Bob);
            var last = (await ann.NextAsync("ready")).Number("last_id");
            for (var id = Math.Max(1, last - 5); id <= last + 20; id++)
            {
                await ann.SendMsgAsync($"{id}", id);
            }

            await ann.ExpectAsync("some are accepted", frame => frame.Type == "sent" && frame.Number("id") == last + 3);
            Assert.Equal(Math.Min(last, 6), ann.Of("sent").Count(frame => frame.Has("duplicate")));
            ann.Abort();
        }

        await using var final = await SocketClient.ConnectAsync(Node, Ann, Bob);
        var count = (await final.NextAsync("ready")).Number("last_id");
        await talk.Bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == count);
        Assert.Equal(Enumerable.Range(1, (int)count).Select(id => $"{id}"), talk.Bob.Of("msg").Select(frame => frame.Text("data")));
        Assert.Equal(talk.Bob.Seqs(), talk.Bob.Of("msg").Select(frame => frame.Number("id")));
    }

    [Fact]
    public async Task What_a_client_has_seen_is_skipped_and_counts_as_delivered()
    {
        await using var talk = await TalkAsync();
        for (var id = 1; id <= 10; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
        }

        await talk.Bob.ExpectAsync("the last", frame => frame.Type == "msg" && frame.Number("seq") == 10);
        talk.Bob.Abort();

        await using var again = await SocketClient.ConnectReadyAsync(Node, Bob, Ann, new Upgrade { Seen = 7 });

        Assert.Equal([8, 9, 10], again.Seqs());
        await talk.Ann.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == 7);
        await again.AckAsync(9);
        await talk.Ann.ExpectAsync("delivered", frame => frame.Type == "delivered" && frame.Number("seq") == 9);
    }

    public sealed class OnGarnet(GarnetNode node) : AcceptedTests(node), IClassFixture<GarnetNode>;

    /// <summary>And what only a store that outlives its node can show.</summary>
    public sealed class OnRedis(RedisNodes nodes) : AcceptedTests(nodes), IClassFixture<RedisNodes>
    {
        [Fact]
        public async Task What_was_answered_sent_is_in_the_store_even_if_the_node_is_gone_at_once()
        {
            var node = await Fixture.StartAnotherAsync();
            await node.Rest.AgreeAsync(Ann, Bob);
            await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
            for (var id = 1; id <= 50; id++)
            {
                await ann.SendMsgAsync($"{id}", id);
            }

            await ann.ExpectAsync("sent", frame => frame.Type == "sent" && frame.Number("seq") == 20);
            await node.DisposeAsync();
            var accepted = ann.Of("sent").Max(frame => frame.Number("seq"));

            await using var bob = await SocketClient.ConnectReadyAsync(Other, Bob, Ann);
            Assert.InRange(bob.Seqs().Count(), accepted, 50);
            Assert.Equal(Enumerable.Range(1, bob.Seqs().Count()).Select(seq => (long)seq), bob.Seqs());
        }
    }
}
