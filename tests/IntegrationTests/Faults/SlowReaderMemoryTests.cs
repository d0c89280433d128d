using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>Promise 5, bounded: what many clients do not read costs the node a bounded buffer each, and waits in the store.</summary>
[Collection(nameof(FaultSuite))]
public sealed class SlowReaderMemoryTests(SharedRedis redis)
{
    private const int Readers = 500;

    /// <summary>With <see cref="Size"/>, a third more for each than the bound lets the node keep.</summary>
    private const int Messages = 18;

    private const int Size = 64_000;

    /// <summary>Senders at work at once: more would only wait for the store, and be refused.</summary>
    private const int Senders = 8;

    /// <summary>256 KiB in order, as much out of order, one page of as much again, and what the transport holds before the kernel does.</summary>
    private const long Bound = (3 * 256 * 1024) + (64 * 1024);

    [Fact]
    public async Task Five_hundred_clients_that_read_nothing_cost_the_node_a_bounded_buffer_each_and_delay_nobody()
    {
        await using var other = await TestNode.StartAsync(redis.Server.ConnectionString, "--Limits:FramesPerSecond=0");

        // Nobody is thrown out for taking nothing: then there would be nothing to measure.
        await using var node = await NodeProcess.StartAsync(
            redis.Server.ConnectionString, "--Messaging:SendTimeout=00:05:00", "--Messaging:PingInterval=01:00:00", "--Limits:FramesPerSecond=0");
        await using var honest = await CountingPairs.ConnectAsync(node.Rest, 1, [node.BaseAddress], [node.BaseAddress]);
        var slow = await ConnectAsync(node, other);
        try
        {
            var before = node.ResidentBytes;
            var peak = before;
            var (carol, dan) = (honest.Clients.First(), honest.Clients.Last());
            var filling = FillAsync(slow);
            do
            {
                carol.Send("undelayed");
                await Eventually.HoldsAsync("what the honest say arrives", () => dan.Seen == carol.Count, TimeSpan.FromSeconds(2));
                peak = Math.Max(peak, node.ResidentBytes);
            }
            while (!filling.IsCompleted);

            await filling;
            TestContext.Current.TestOutputHelper?.WriteLine($"{before >> 20} MiB before, {peak >> 20} MiB at most, {(peak - before) / Readers / 1024} KiB for each, {carol.Count} honest messages");
            Assert.InRange((peak - before) / Readers, 0, Bound);

            // They are all still connected, and whoever begins to read gets what waited.
            await Task.WhenAll(slow.Take(10).Select(pair => ReadAllAsync(pair.Reader)));
            Assert.All(slow, pair => Assert.False(HasHungUp(pair.Reader)));
            Assert.Empty(node.Faults);
            await honest.SettleAsync();
        }
        finally
        {
            await Task.WhenAll(slow.Select(pair => pair.Sender.DisposeAsync().AsTask()));
            slow.ForEach(pair => pair.Reader.Dispose());
        }
    }

    private static async Task<List<(CountingClient Sender, RawSocket Reader)>> ConnectAsync(NodeProcess node, TestNode other)
    {
        var slow = new List<(CountingClient, RawSocket)>();
        await Parallel.ForAsync(0, Readers, TestContext.Current.CancellationToken, async (_, _) =>
        {
            var (ann, bob) = Pairs.Fresh();
            var agreed = await other.Rest.AgreeAsync(ann, bob);
            var reader = await RawSocket.UpgradeAsync(node.BaseAddress, bob, ann, receiveBuffer: 4096);
            var sender = new CountingClient(ann, bob, agreed.Session);
            sender.Connect(other.BaseAddress);
            lock (slow)
            {
                slow.Add((sender, reader));
            }
        });
        await Eventually.HoldsAsync("all senders are ready", () => slow.All(pair => pair.Item1.IsReady), TimeSpan.FromSeconds(30));
        return slow;
    }

    private static Task FillAsync(List<(CountingClient Sender, RawSocket Reader)> slow)
    {
        var data = new string('x', Size);
        var few = new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = TestContext.Current.CancellationToken };
        return Parallel.ForEachAsync(slow, few, async (pair, _) =>
        {
            for (var i = 0; i < Messages; i++)
            {
                pair.Sender.Send(data);
            }

            await Eventually.HoldsAsync("all is sent", () => pair.Sender.Answered == Messages || pair.Sender.End is not null, TimeSpan.FromSeconds(30));
            Assert.Null(pair.Sender.End);
        });
    }

    private static async Task ReadAllAsync(RawSocket reader)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(Eventually.Deadline);
        await reader.Stream.ReadExactlyAsync(new byte[Messages * Size], timeUp.Token);
    }

    /// <summary>Readable, and yet there is nothing to read.</summary>
    private static bool HasHungUp(RawSocket reader) => reader.Stream.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead) && reader.Stream.Socket.Available == 0;
}
