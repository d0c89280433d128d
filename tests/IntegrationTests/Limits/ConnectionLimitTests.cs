using System.Globalization;
using System.Net.WebSockets;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Im.IntegrationTests.Limits;

/// <summary>How many websockets a node takes in a second, and how many of one user.</summary>
public sealed class ConnectionLimitTests(GarnetNode node) : SocketSuite(node), IClassFixture<GarnetNode>
{
    [Fact]
    public async Task More_upgrades_in_a_second_than_the_node_takes_are_50300_and_told_to_come_again()
    {
        await using var node = await StartStoppedAsync("--Limits:ConnectionsPerSecond=1");
        var codes = new List<RefusedUpgrade>();
        for (var i = 0; i < 4; i++)
        {
            codes.Add(await RefusedUpgrade.AskAsync(node, Pairs.User(), $"to_user_id={Bob}"));
        }

        Assert.Equal([40301, 40301, 50300], codes.Take(3).Select(refused => refused.Code));
        Assert.Equal(503, codes[2].Status);
        Assert.InRange(WaitOf(codes[2]), 1, 4);

        // A REST call is none.
        Assert.Equal(40301, (await node.Rest.SessionAsync(Ann, Bob)).Code);
        await IsCountedAsync(node, "connections");
    }

    [Fact]
    public async Task Who_has_no_token_or_calls_too_often_uses_up_nothing_of_it()
    {
        await using var node = await StartStoppedAsync("--Limits:ConnectionsPerSecond=1", "--Limits:RequestsPerMinute=1");
        await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(40100, (await RefusedUpgrade.AskAsync(node, $"/im/ws?to_user_id={Bob}")).Code);
            Assert.Equal(42900, (await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}")).Code);
        }

        Assert.Equal(40301, (await RefusedUpgrade.AskAsync(node, Bob, $"to_user_id={Ann}")).Code);
    }

    [Fact]
    public async Task A_crowd_larger_than_the_node_takes_at_once_gets_in_all_the_same()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:ConnectionsPerSecond=50");

        // A machine may be too slow to bring so many at once.
        await Eventually.HoldsAsync("a crowd is larger", async () =>
        {
            var tries = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskUntilTakenAsync(node)));
            Assert.All(tries, client => Assert.Equal(40301, client.Code));
            return tries.Any(client => client.Count > 1);
        });
    }

    [Fact]
    public async Task The_connection_test_counts_too()
    {
        await using var node = await StartStoppedAsync("--Limits:ConnectionsPerSecond=1", "--Web:ConnectionTest=true");
        await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}");
        await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={Bob}");

        Assert.Equal(50300, (await RefusedUpgrade.AskAsync(node, "/ws?id=7")).Code);
    }

    [Fact]
    public async Task One_user_has_so_many_sockets_and_another_one_when_one_has_gone()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:ConnectionsPerUser=1");
        var carol = Pairs.User();
        await node.Rest.AgreeAsync(Ann, Bob);
        await node.Rest.AgreeAsync(Ann, carol);
        await using var ann = await SocketClient.ConnectReadyAsync(node, Ann, Bob);
        await using var bob = await SocketClient.ConnectReadyAsync(node, Bob, Ann);

        var refused = await RefusedUpgrade.AskAsync(node, Ann, $"to_user_id={carol}");

        Assert.Equal((429, 42900), (refused.Status, refused.Code));
        Assert.InRange(WaitOf(refused), 1, 60);
        await IsCountedAsync(node, "sockets");
        await ann.CloseAsync();
        await Eventually.HoldsAsync("there is room again", async () =>
        {
            try
            {
                await using var again = await SocketClient.ConnectReadyAsync(node, Ann, carol);
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
    }

    private static async Task<(int Code, int Count)> AskUntilTakenAsync(TestNode node)
    {
        var (user, peer) = Pairs.Fresh();
        for (var count = 1; ; count++)
        {
            var refused = await RefusedUpgrade.AskAsync(node, user, $"to_user_id={peer}");
            if (refused.Code == 40301 || count == 20)
            {
                return (refused.Code, count);
            }

            Assert.Equal(50300, refused.Code);
            await Task.Delay(TimeSpan.FromSeconds(WaitOf(refused)), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A node for which no time passes: however slow the machine is, all comes within the same second.</summary>
    private static Task<TestNode> StartStoppedAsync(params string[] settings) =>
        TestNode.StartAsync(null, services => services.AddSingleton<TimeProvider>(new FakeTimeProvider(DateTimeOffset.UtcNow)), settings);

    private static async Task IsCountedAsync(TestNode node, string limit) => Assert.Matches(
        $"(?m)^im_rate_limited_total{{[^}}]*limit=\"{limit}\"[^}}]*}} [1-9]", await node.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));

    private static int WaitOf(RefusedUpgrade refused) => int.Parse(
        refused.Head.Split("\r\n").Single(line => line.StartsWith("Retry-After:", StringComparison.OrdinalIgnoreCase)).Split(':')[1], CultureInfo.InvariantCulture);
}
