using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>
/// Frames that nothing limits, as fast as two clients can send them, on a node whose sockets go on where they are watched: one
/// thread per core, which a connection that always has more to read would keep for itself.
/// </summary>
[Collection(nameof(FaultSuite))]
public sealed class FloodTests(SharedRedis redis)
{
    private const int Talks = 8;
    private const int Messages = 25;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("empty parts")]
    [InlineData("acknowledgements")]
    [InlineData("pings")]
    public async Task What_a_client_may_send_without_end_delays_nobody_else(string what)
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        var talks = new List<(SocketClient Ann, SocketClient Bob)>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var floods = new List<Task>();
        try
        {
            for (var i = 0; i < Talks; i++)
            {
                var (ann, bob) = Pairs.Fresh();
                await node.Rest.AgreeAsync(ann, bob);
                talks.Add((await SocketClient.ConnectReadyAsync(node.BaseAddress, ann, bob), await SocketClient.ConnectReadyAsync(node.BaseAddress, bob, ann)));
            }

            for (var i = 0; i < 2; i++)
            {
                var (mallory, victim) = Pairs.Fresh();
                await node.Rest.AgreeAsync(mallory, victim);
                floods.Add(FloodAsync(await RawSocket.UpgradeAsync(node.BaseAddress, mallory, victim), what, over.Token));
            }

            for (var id = 1; id <= Messages; id++)
            {
                await Task.WhenAll(talks.Select(talk => talk.Ann.SendUntilStoredAsync($"{id}", id)));
                await Task.WhenAll(talks.Select(talk => talk.Bob.NextAsync("msg")));
                Assert.DoesNotContain(floods, flood => flood.IsCompleted);
            }
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(floods);
            foreach (var (ann, bob) in talks)
            {
                await ann.DisposeAsync();
                await bob.DisposeAsync();
            }
        }
    }

    /// <summary>Sends until it is over, and reads what comes; returns earlier where the node hangs up.</summary>
    private static async Task FloodAsync(RawSocket raw, string what, CancellationToken over)
    {
        var again = what switch
        {
            "empty parts" => RawSocket.Frame(0x00),
            "acknowledgements" => RawSocket.Frame(0x81, [.. """{"type":"ack","seq":0}"""u8]),
            _ => RawSocket.Frame(0x89),
        };
        byte[] many = [.. Enumerable.Repeat(again, 2000).SelectMany(one => one)];
        using (raw)
        {
            try
            {
                var reading = raw.Stream.CopyToAsync(Stream.Null, over);
                await raw.Stream.WriteAsync(what == "empty parts" ? RawSocket.Frame(0x01) : [], over);
                while (!reading.IsCompleted)
                {
                    await raw.Stream.WriteAsync(many, over);
                }
            }
            catch (Exception fault) when (fault is IOException or OperationCanceledException)
            {
                // The node has hung up, or the test is over.
            }
        }
    }
}
