using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Limits;

/// <summary>Limits of users, addresses and names hold on all nodes together; <c>docs/protocol.md</c>, 42900.</summary>
public abstract class SharedLimitTests(NodeFixture fixture) : SocketSuite(fixture)
{
    [Fact]
    public async Task A_users_requests_count_together_on_all_nodes_and_the_wait_is_named_to_the_second()
    {
        await using var pair = await PairAsync("--Limits:RequestsPerMinute=3");

        var watch = Stopwatch.StartNew();
        var answers = new List<Answer>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await pair.Nodes[i % 2].Rest.SessionAsync(Ann, Bob));
        }

        Assert.Equal([40301, 40301, 40301, 42900, 42900, 42900], answers.Select(answer => answer.Code));
        Assert.All(answers.Skip(3), answer => Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status));
        Assert.All(answers.Skip(3), answer => Assert.InRange(WaitOf(answer), Math.Floor(20 - watch.Elapsed.TotalSeconds), 20));
        Assert.Equal(42900, (await RefusedUpgrade.AskAsync(pair.Nodes[1], Ann, $"to_user_id={Bob}")).Code);
        Assert.Equal(40301, (await pair.Nodes[1].Rest.SessionAsync(Bob, Ann)).Code);
    }

    [Fact]
    public async Task Many_requests_side_by_side_on_all_nodes_get_the_number_and_no_more()
    {
        await using var pair = await PairAsync("--Limits:RequestsPerMinute=20");

        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pair.Nodes[i % 2].Rest.SessionAsync(Ann, Bob)));

        // One more each three seconds.
        Assert.InRange(answers.Count(answer => answer.Code == 40301), 20, 20 + 1 + (int)(watch.Elapsed.TotalSeconds / 3));
        Assert.Empty(answers.Where(answer => answer.Code is not (40301 or 42900)));
    }

    [Fact]
    public async Task Openings_count_together_on_all_nodes_while_repeating_and_completing_go_on()
    {
        await using var pair = await PairAsync("--Limits:OpeningsPerMinute=2");
        var (one, other) = (pair.Nodes[0].Rest, pair.Nodes[1].Rest);
        var carol = Pairs.User();

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, (await one.ExchangeAsync(Ann, Bob)).Code);
        Assert.Equal(0, (await one.ExchangeAsync(Ann, Bob)).Code);
        Assert.Equal(0, (await other.ExchangeAsync(Ann, carol)).Code);
        var refused = await other.ExchangeAsync(Ann, Pairs.User());
        Assert.Equal(42900, refused.Code);
        Assert.InRange(WaitOf(refused), Math.Floor(30 - watch.Elapsed.TotalSeconds), 30);
        Assert.Equal(42900, (await one.ExchangeAsync(Ann, Pairs.User())).Code);

        Assert.Equal(0, (await one.ExchangeAsync(Ann, carol)).Code);
        var dave = Pairs.User();
        await one.ExchangeAsync(dave, Ann);
        Assert.Equal(1, (await other.ExchangeAsync(Ann, dave)).Number("is_read"));
    }

    [Fact]
    public async Task Logins_count_together_on_all_nodes_per_name_and_for_the_address()
    {
        await using var pair = await PairAsync("--Limits:LoginsPerMinute=1", "--Web:TrustedProxies:0=127.0.0.1");
        var address = $"2001:db8:{Ann & 0xffff:x}:{Bob & 0xffff:x}::1";

        Task<int> LogInAsync(int node, string name) => LogInFromAsync(pair.Nodes[node], address, name);
        int[] anns = [await LogInAsync(0, "ann"), await LogInAsync(1, "ANN"), await LogInAsync(0, "ann"), await LogInAsync(1, "ann")];
        Assert.Equal([40101, 42900, 42900, 42900], anns);

        // Ten for the address, and one more each six seconds: those of the name are among them, but for what a node refused by itself.
        var watch = Stopwatch.StartNew();
        var names = new List<int>();
        for (var i = 0; i < 30; i++)
        {
            names.Add(await LogInAsync(i % 2, $"name {i}"));
        }

        Assert.InRange(names.Count(code => code == 40101), 6, 9 + 1 + (int)(watch.Elapsed.TotalSeconds / 6));
        Assert.Contains(42900, names);
        Assert.Equal(40101, await LogInFromAsync(pair.Nodes[1], address.Replace("::1", ":1::1", StringComparison.Ordinal).Replace("2001:db8", "2001:db9", StringComparison.Ordinal), "ann"));
    }

    private static double WaitOf(Answer answer) => answer.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds;

    private static async Task<int> LogInFromAsync(TestNode node, string address, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/user/login") { Content = JsonContent.Create(new { username = name, password = "no password of anybody" }) };
        request.Headers.Add("X-Forwarded-For", address);
        return (await node.Rest.SendAsync(request)).Code;
    }

    /// <summary>Two nodes on one store; where the store is a node's own, one node that stands for both.</summary>
    private async Task<NodePair> PairAsync(params string[] settings)
    {
        var one = await Fixture.StartAnotherAsync(settings);
        return new NodePair([one, Fixture.Store is StoreKind.EmbeddedGarnet ? one : await Fixture.StartAnotherAsync(settings)]);
    }

    private sealed record NodePair(TestNode[] Nodes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in Nodes.Distinct())
            {
                await node.DisposeAsync();
            }
        }
    }

    public sealed class OnGarnet(GarnetNode node) : SharedLimitTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : SharedLimitTests(node), IClassFixture<RedisNode>;

    public sealed class OnCluster(ClusterNode node) : SharedLimitTests(node), IClassFixture<ClusterNode>;
}
