using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>Sockets that send rubbish are their own trouble: an honest pair talks on, and the node lives.</summary>
public abstract class HostileInputTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task Fifty_hostile_sockets_disturb_no_honest_pair_and_no_fault_is_logged()
    {
        await using var node = await Fixture.StartAnotherAsync();
        await using var talk = await TalkAsync(node);
        var hostile = Enumerable.Range(0, 50).Select(i => AttackAsync(node, Rubbish.All[i % Rubbish.All.Count], leave: i % 2 == 0)).ToArray();

        for (var id = 1; id <= 100; id++)
        {
            await talk.Ann.SendMsgAsync($"{id}", id);
            Assert.Equal(id, (await talk.Bob.NextAsync("msg")).Number("seq"));
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
