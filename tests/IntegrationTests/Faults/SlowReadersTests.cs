using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 5, bounded: clients that stopped reading cost their node a bounded amount of memory, and nobody else any delay.</summary>
[Collection(nameof(FaultSuite))]
public sealed class SlowReadersTests
{
    private const int Readers = 500;

    /// <summary>Messages that wait for each: 1 MiB, of which its node may have 430 KiB.</summary>
    private const int Waiting = 64;

    /// <summary>All that the node may allocate. With all that waits it would be two hundred more.</summary>
    private const long Heap = 340L * 1024 * 1024;

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
        var feeding = pairs.FeedAsync(10, () => Volatile.Read(ref filled));
        var slow = new (long Ann, long Bob, RawSocket Reader)[Readers];
        try
        {
            await Parallel.ForAsync(0, Readers, TestContext.Current.CancellationToken, async (i, _) =>
            {
                var (ann, bob) = Pairs.Fresh();
                await node.Rest.AgreeAsync(ann, bob);
                slow[i] = (ann, bob, await RawSocket.UpgradeAsync(node.BaseAddress, bob, ann, receiveBuffer: 2048));
            });

            await Parallel.ForEachAsync(slow, TestContext.Current.CancellationToken, async (pair, _) => await FillAsync(node, pair.Ann, pair.Bob));

            Assert.InRange(TcpQueue.UnsentBy(node.BaseAddress.Port).Max(), 1, MaxInKernel);
            await pairs.TalkGoesOnAsync();
            Volatile.Write(ref filled, true);
            await feeding;
            await pairs.SettleAsync();
        }
        finally
        {
            foreach (var (_, _, reader) in slow)
            {
                reader?.Dispose();
            }

            // Also where all else failed: that there is no memory left says more than what came of it.
            Assert.Empty(node.Faults);
        }
    }

    /// <summary>Sends until the queue is full.</summary>
    private static async Task FillAsync(NodeProcess node, long from, long to)
    {
        await using var sender = await SocketClient.ConnectReadyAsync(node.BaseAddress, from, to);
        for (var id = 1; id <= Waiting + 1; id++)
        {
            await sender.SendMsgAsync(Text, id);
        }

        await sender.ExpectAsync("the refusal of one more", frame => frame.Type == "error" && frame.Number("code") == 42901 && frame.Number("id") == Waiting + 1);
    }
}
