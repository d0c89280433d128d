using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Faults;

/// <summary>The deployed nginx configuration, run by a real nginx before two real nodes.</summary>
[Collection(nameof(FaultSuite))]
public sealed class ProxyTests(SharedRedis redis)
{
    [Fact]
    public async Task Nodes_restarted_one_after_the_other_behind_the_proxy_lose_nothing()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        await using var one = await NodeProcess.StartAsync(redis.Server.ConnectionString, "--Web:TrustedProxies:0=127.0.0.1");
        await using var other = await NodeProcess.StartAsync(redis.Server.ConnectionString, "--Web:TrustedProxies:0=127.0.0.1");
        await using var nginx = await Nginx.StartAsync(one.BaseAddress, other.BaseAddress);
        using var http = new HttpClient { BaseAddress = nginx.BaseAddress };
        await using var pairs = await CountingPairs.ConnectAsync(new RestClient(http), 10, [nginx.BaseAddress], [nginx.BaseAddress], tokenInQuery: true);
        var restarted = false;
        var feeding = pairs.FeedAsync(200, () => Volatile.Read(ref restarted));

        foreach (var node in new[] { one, other })
        {
            await pairs.TalkGoesOnAsync();
            var (status, _) = await node.TerminateAsync();
            Assert.Equal(0, status);
            await node.RestartAsync();
        }

        await pairs.TalkGoesOnAsync();
        Volatile.Write(ref restarted, true);
        await feeding;
        await pairs.SettleAsync();

        foreach (var written in new[] { "GET /im/ws 101", one.BaseAddress.Authority, other.BaseAddress.Authority })
        {
            await Eventually.HoldsAsync($"the proxy has written {written}", () => nginx.Log.Any(line => line.Contains(written, StringComparison.Ordinal)));
        }

        Assert.Empty(nginx.Log.Concat(nginx.Errors).Where(line => line.Contains("token", StringComparison.Ordinal) || line.Contains("eyJ", StringComparison.Ordinal)));
        Assert.Empty(one.Faults.Concat(other.Faults));
    }

    [Fact]
    public async Task What_the_node_compares_or_counts_passes_the_proxy_unchanged()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        await using var node = await TestNode.StartPatientAsync(redis.Server.ConnectionString, "--Web:TrustedProxies:0=127.0.0.1");
        await using var nginx = await Nginx.StartAsync(node.BaseAddress, node.BaseAddress);
        using var http = new HttpClient { BaseAddress = nginx.BaseAddress };
        var (ann, bob) = Pairs.Fresh();
        await new RestClient(http).AgreeAsync(ann, bob);
        var own = await RefusedUpgrade.AskAsync(nginx.BaseAddress, "/im/ws?to_user_id=0", Bearer(ann), $"Origin: {nginx.BaseAddress.GetLeftPart(UriPartial.Authority)}");
        var foreign = await RefusedUpgrade.AskAsync(nginx.BaseAddress, $"/im/ws?to_user_id={bob}", Bearer(ann), "Origin: https://elsewhere.example");

        Assert.Equal(40000, own.Code);
        Assert.Equal(40303, foreign.Code);
    }

    [Fact]
    public async Task Where_no_node_answers_the_client_gets_the_envelope_of_store_unavailable_and_no_log_shows_its_token()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        await using var nginx = await Nginx.StartAsync(nobody, nobody);
        var user = Pairs.User();

        var refused = await RefusedUpgrade.AskAsync(nginx.BaseAddress, $"/im/ws?to_user_id=1&token={TestNode.Mint(user)}");

        Assert.Equal((503, 50300), (refused.Status, refused.Code));
        Assert.Contains("Retry-After: 1", refused.Head, StringComparison.OrdinalIgnoreCase);
        await Eventually.HoldsAsync("a line in the log", () => nginx.Log.Any(line => line.Contains("GET /im/ws 503", StringComparison.Ordinal)));
        Assert.Empty(nginx.Log.Concat(nginx.Errors).Where(line => line.Contains("token", StringComparison.Ordinal)));
    }

    private static string Bearer(long user) => $"Authorization: Bearer {TestNode.Mint(user)}";
}
