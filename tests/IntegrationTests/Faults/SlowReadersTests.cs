using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 5, bounded: clients that stopped reading cost their node a bounded amount of memory, and nobody else any delay.</summary>
[Collection(nameof(FaultSuite))]
public sealed class SlowReadersTests
{
    private const int Readers = 500;

    /// <summary>Messages that wait for each: 1 MiB, of which its node has half at a time.</summary>
    private const int Waiting = 64;

    /// <summary>All that the node may allocate, alive or not yet collected. It needs 260 MiB; with all that waits it would need 570.</summary>
    private const long Heap = 430L * 1024 * 1024;

    private const int SendBuffer = 8192;

    /// <summary>Twice the buffer, as the kernel reckons, and one write that it takes beyond that.</summary>
    private const int MaxInKernel = (2 * SendBuffer) + (64 * 1024);

    private static readonly string Text = new('x', 16 * 1024);

    [Fact]
    public async Task Five_hundred_clients_that_stop_reading_while_their_peers_fill_the_queues_cost_their_node_a_bounded_memory_and_delay_nobody()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using var redis = await RedisServer.StartAsync();

        // Small, and neither pings nor time-outs: all that is not the node's own would hide what it keeps, or end it.
        await using var node = await NodeProcess.StartWithHeapAsync(
            Heap, redis.ConnectionString, $"--Messaging:SocketSendBuffer={SendBuffer}", $"--Messaging:MaxQueuedMessages={Waiting}",
            "--Messaging:SendTimeout=00:05:00", "--Messaging:PingInterval=01:00:00", "--Logging:LogLevel:Default=Error");
        await using var pairs = await CountingPairs.ConnectAsync(node.Rest, 5, [node.BaseAddress], [node.BaseAddress]);
        var filled = false;
        var feeding = pairs.FeedAsync(10, () => Volatile.Read(ref filled), TimeSpan.FromMilliseconds(200));
        var readers = new RawSocket?[Readers];
        try
        {
            await Parallel.ForAsync(0, Readers, TestContext.Current.CancellationToken, async (i, _) =>
            {
                var (ann, bob) = Pairs.Fresh();
                var agreed = await node.Rest.AgreeAsync(ann, bob);
                await Eventually.HoldsAsync("the node has time for one more", async () =>
                    (readers[i] = await RawSocket.TryUpgradeAsync(node.BaseAddress, bob, ann, receiveBuffer: 2048)) is not null);
                await FillAsync(node, new CountingClient(ann, bob, agreed.Session));
            });

            Assert.InRange(TcpQueue.UnsentBy(node.BaseAddress.Port).Max(), 1, MaxInKernel);
            await pairs.TalkGoesOnAsync();
            Volatile.Write(ref filled, true);
            await feeding;
            await pairs.SettleAsync();
        }
        finally
        {
            foreach (var reader in readers)
            {
                reader?.Dispose();
            }

            // Also where all else failed: that there is no memory left says more than what came of it.
            Assert.Empty(node.Faults);
        }
    }

    /// <summary>Sends until the queue is full and one more is refused.</summary>
    private static async Task FillAsync(NodeProcess node, CountingClient sender)
    {
        sender.Connect(node.BaseAddress);
        for (var i = 0; i <= Waiting; i++)
        {
            sender.Send(Text);
        }

        await Eventually.HoldsAsync("the queue is full", () => sender.End is not null || sender.History.Of(Did.Refused).Any(refused => refused.Other == 42901));
        await sender.DisposeAsync();
        Assert.Equal((null, Waiting), (sender.End, sender.Answered));
    }
}
