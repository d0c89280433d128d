using System.Net.WebSockets;

namespace Im.IntegrationTests.Harness;

/// <summary>
/// On a busy machine a store may answer later than a node waits for it. What then gets 50300 is safe to repeat, and here it is
/// repeated as clients do it.
/// </summary>
internal static class BusyStore
{
    /// <summary>The first answer that is not 50300.</summary>
    public static async Task<Answer> RepeatAsync(Func<Task<Answer>> call)
    {
        var answer = await call();
        await Eventually.HoldsAsync("the store answers", async () => answer.Code != 50300 || (answer = await call()).Code != 50300);
        return answer;
    }

    /// <summary>Connects and reads up to and with <c>ready</c>; once more where that is refused, or lost before.</summary>
    public static async Task<SocketClient> ConnectReadyAsync(TestNode node, long user, long peer, Upgrade? upgrade = null)
    {
        for (var until = DateTime.UtcNow + Eventually.Deadline; ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            try
            {
                return await SocketClient.ConnectReadyAsync(node, user, peer, upgrade);
            }
            catch (Exception e) when (e is WebSocketException or Xunit.Sdk.FailException && DateTime.UtcNow < until)
            {
                // Once more.
            }
        }
    }
}
