using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Sockets that send rubbish are their own trouble: an honest pair talks on, and the node lives.</summary>
public abstract class HostileInputTests(NodeFixture fixture) : SocketSuite(fixture)
{
    private static readonly byte[][] Rubbish =
    [
        [.. Enumerable.Range(0, 500).Select(i => (byte)((i * 7919) ^ (i >> 3)))],
        [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], // A length beyond all memory.
        [0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, .. "half a frame"u8],
        [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], // A message begun within a message.
        [0x80, 0x80, 0, 0, 0, 0], // The end of a message that never began.
        [0xf1, 0x80, 0, 0, 0, 0], // Reserved bits.
        [0x81, 0x05, .. "plain"u8], // Not masked.
        [0x88, 0x81, 0, 0, 0, 0, 0x03], // A goodbye of one byte.
        .. Enumerable.Range(0, 8).Select(i => RawSocket.Frame(0x81, [.. Enumerable.Repeat((byte)'[', 20 * i)])),
        [.. Enumerable.Repeat(RawSocket.Frame(0x89, 1, 2, 3), 200).SelectMany(ping => ping)],
        [.. Enumerable.Repeat(RawSocket.Frame(0x81, (byte)'{'), 400).SelectMany(frame => frame)],
        [.. Enumerable.Repeat(RawSocket.Frame(0x01, (byte)' '), 1).Concat(Enumerable.Repeat(RawSocket.Frame(0x00), 2000)).SelectMany(part => part)],
    ];

    [Fact]
    public async Task Fifty_hostile_sockets_disturb_no_honest_pair_and_no_fault_is_logged()
    {
        await using var node = await Fixture.StartAnotherAsync();
        await using var talk = await TalkAsync(node);
        var hostile = Enumerable.Range(0, 50).Select(i => AttackAsync(node, Rubbish[i % Rubbish.Length], leave: i % 2 == 0)).ToArray();

        for (var id = 1; id <= 100; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
            Assert.Equal(id, (await talk.Bob.NextAsync("msg", TimeSpan.FromSeconds(3))).Number("seq"));
            await talk.Bob.AckAsync(id);
        }

        await Task.WhenAll(hostile);
        Assert.Empty(talk.Ann.Of("error").Concat(talk.Bob.Of("error")));
        Assert.Equal(200, (int)(await node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Empty(node.Logs.Lines.Where(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error).Select(line => line.Text));
    }

    private static async Task AttackAsync(TestNode node, byte[] rubbish, bool leave)
    {
        var (mallory, victim) = Pairs.Fresh();
        await node.Rest.AgreeAsync(mallory, victim);
        using var raw = await RawSocket.UpgradeAsync(node, mallory, victim);
        try
        {
            for (var i = 0; i < 5; i++)
            {
                await raw.SendAsync(rubbish);
            }
        }
        catch (IOException)
        {
            // The node has hung up already.
        }

        if (!leave)
        {
            using var socket = await RawSocket.UpgradeAsync(node, victim, mallory);
            await socket.SendAsync(RawSocket.Frame(0x88, 0x03, 0xe8));
            await socket.ReadToEndAsync();
        }
    }

    public sealed class OnGarnet(GarnetNode node) : HostileInputTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : HostileInputTests(node), IClassFixture<RedisNode>;
}
