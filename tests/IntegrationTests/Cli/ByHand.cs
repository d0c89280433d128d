using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>A peer without the tool, in server-key mode: it does only what the test does.</summary>
internal static class ByHand
{
    /// <summary>Asks until the other side has asked too, and connects.</summary>
    public static async Task<SocketClient> ConnectAsync(TestNode node, long user, long peer)
    {
        var session = "";
        await Eventually.HoldsAsync("the other side has asked for a key too", async () =>
        {
            var answer = await node.Rest.ExchangeAsync(user, peer);
            session = answer.Text("im_session");
            return answer.Number("is_read") == 1;
        });
        return await SocketClient.ConnectReadyAsync(node, user, peer, new Upgrade { Session = session });
    }
}
