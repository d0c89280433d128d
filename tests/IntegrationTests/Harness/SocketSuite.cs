namespace Im.IntegrationTests.Harness;

/// <summary>What every suite over sockets begins with: two users of its own and a node, or two nodes on one store.</summary>
public abstract class SocketSuite(NodeFixture fixture)
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    protected NodeFixture Fixture => fixture;

    protected TestNode Node => fixture.Node;

    /// <summary>Where Bob connects: another node, if the store has one.</summary>
    protected TestNode Other => fixture.Other;

    protected long Ann => _pair.Ann;

    protected long Bob => _pair.Bob;

    /// <summary>Ann and Bob have agreed and both are connected in <c>im.v1</c>, Ann to one node, Bob to the other.</summary>
    protected async Task<Talk> TalkAsync(TestNode? node = null, bool v1 = true)
    {
        var agreed = await (node ?? Node).Rest.AgreeAsync(Ann, Bob);
        var upgrade = new Upgrade { V1 = v1, Session = agreed.Session };
        var ann = await SocketClient.ConnectAsync(node ?? Node, Ann, Bob, upgrade);
        if (v1)
        {
            // Before Bob comes: his presence would otherwise sometimes stand before it.
            await ann.NextAsync("ready");
        }

        var bob = await SocketClient.ConnectAsync(node ?? Other, Bob, Ann, upgrade);
        if (v1)
        {
            await bob.NextAsync("ready");
            await ann.ExpectAsync("Bob's presence", frame => frame.Type == "presence" && frame.Json.GetProperty("online").GetBoolean());
        }

        return new Talk(ann, bob, agreed);
    }
}

/// <summary>Two connected users.</summary>
public sealed record Talk(SocketClient Ann, SocketClient Bob, Agreement Agreed) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Ann.DisposeAsync();
        await Bob.DisposeAsync();
    }
}
