using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>A peer without the tool, in server-key mode: it does only what the test does.</summary>
internal static class ByHand
{
    /// <summary>Seconds that an answer is held back: who asks all the time is soon too fast.</summary>
    private const int Wait = 5;

    /// <summary>Asks until the other side has asked too, and connects.</summary>
    public static async Task<SocketClient> ConnectAsync(TestNode node, long user, long peer) =>
        await TryConnectAsync(node, user, peer, isGivenUp: () => false) ?? throw new InvalidOperationException("Nobody gave up.");

    /// <summary>The same; null: the other side had given up before.</summary>
    public static async Task<SocketClient?> TryConnectAsync(TestNode node, long user, long peer, Func<bool> isGivenUp)
    {
        string? session = null;
        await Eventually.HoldsAsync("the other side has asked for a key too", async () =>
        {
            var answer = await BusyStore.RepeatAsync(() => node.Rest.ExchangeAsync(user, peer, Wait));
            session = answer.Number("is_read") == 1 ? answer.Text("im_session") : null;
            return session is not null || isGivenUp();
        });
        return session is null ? null : await BusyStore.ConnectReadyAsync(node, user, peer, new Upgrade { Session = session });
    }
}
