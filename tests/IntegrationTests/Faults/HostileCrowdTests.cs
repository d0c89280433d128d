using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Many clients that keep no rule beside many that keep all of them, on one node.</summary>
[Collection(nameof(FaultSuite))]
public sealed class HostileCrowdTests(SharedRedis redis)
{
    private const int Rounds = 3;
    private const int AtLeast = 50;

    /// <summary>A message and an acknowledgement each time: half of the frames that a connection may send.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] Oversize = [0x81, 0xff, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, .. new byte[0x30000]];

    private static readonly byte[] Flood =
        [.. Enumerable.Repeat(RawSocket.Frame(0x81, [.. """{"type":"msg","data":"flood"}"""u8]), 1000).SelectMany(frame => frame)];

    private static readonly byte[][] Attacks = [.. Rubbish.All, Oversize, Flood, []];

    [Fact]
    public async Task Two_hundred_hostile_clients_keep_no_message_from_fifty_honest_pairs_and_close_none_of_their_connections()
    {
        // Errors only: what the hostile are refused must not crowd out of the kept lines what this test looks for.
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString, "--Logging:LogLevel:Default=Error");
        var talks = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => TalkAsync(node)));
        try
        {
            var hostile = Task.WhenAll(Enumerable.Range(0, 200).Select(i => AttackAsync(node, Attacks[i % Attacks.Length], reset: i % 2 == 0)));

            await Task.WhenAll(talks.SelectMany(talk => new[] { SpeakAsync(talk.Ann, talk.Bob, hostile), SpeakAsync(talk.Bob, talk.Ann, hostile) }));

            await hostile;
            Assert.All(talks.SelectMany(talk => new[] { talk.Ann, talk.Bob }), client =>
            {
                Assert.False(client.IsClosed);
                Assert.All(client.Of("error"), refused => Assert.Equal(50300, refused.Number("code")));
                Assert.Equal(Enumerable.Range(1, client.Seqs().Count()).Select(seq => (long)seq), client.Seqs());
            });
            Assert.Empty(node.Faults);
        }
        finally
        {
            foreach (var talk in talks)
            {
                await talk.DisposeAsync();
            }
        }
    }

    private static async Task<Talk> TalkAsync(NodeProcess node)
    {
        var (ann, bob) = Pairs.Fresh();
        var agreed = await node.Rest.AgreeAsync(ann, bob);
        return new Talk(
            await SocketClient.ConnectReadyAsync(node.BaseAddress, ann, bob),
            await SocketClient.ConnectReadyAsync(node.BaseAddress, bob, ann),
            agreed);
    }

    /// <summary>Speaks for as long as the hostile do; every message arrives, in order, before the next one is sent.</summary>
    private static async Task SpeakAsync(SocketClient from, SocketClient to, Task hostile)
    {
        for (var id = 1; id <= AtLeast || !hostile.IsCompleted; id++)
        {
            await from.SendUntilStoredAsync($"{id}", id);
            await Eventually.HoldsAsync($"message {id}", () => to.LastSeq >= id || to.IsClosed);
            Assert.Equal(id, to.Seqs().Count());
            Assert.Equal($"{id}", to.Of("msg").Last().Text("data"));
            await to.AckAsync(id);
            await Task.Delay(Pace, TestContext.Current.CancellationToken);
        }
    }

    private static async Task AttackAsync(NodeProcess node, byte[] attack, bool reset)
    {
        var (mallory, victim) = Pairs.Fresh();
        await node.Rest.AgreeAsync(mallory, victim);
        for (var round = 0; round < Rounds; round++)
        {
            RawSocket? upgraded = null;
            await Eventually.HoldsAsync("the node has time for one more", async () => (upgraded = await RawSocket.TryUpgradeAsync(node.BaseAddress, mallory, victim)) is not null);
            using var raw = upgraded!;
            try
            {
                for (var i = 0; i < 5; i++)
                {
                    await raw.SendAsync(attack);
                }
            }
            catch (IOException)
            {
                // The node has hung up already.
            }

            if (reset)
            {
                raw.Reset();
            }
        }
    }
}
