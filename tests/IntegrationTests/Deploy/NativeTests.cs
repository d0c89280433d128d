using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Im.Client;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Deploy;

/// <summary>What the deployed files promise of the proxy, the store and the nodes.</summary>
[Collection(nameof(DeploySuite))]
public sealed partial class NativeTests(PublishedService published)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_comes_by_TLS_says_that_it_always_will_and_is_an_own_page()
    {
        await using var native = await Native.StartAsync(published);
        using var handler = native.Trusting();
        using var http = new HttpClient(handler, disposeHandler: false) { BaseAddress = native.Nginx.BaseAddress };
        using var page = await http.GetAsync("/", Cancelled);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var parts = Part().Matches(await page.Content.ReadAsStringAsync(Cancelled)).Select(part => part.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(parts);
        foreach (var part in parts)
        {
            using var found = await http.GetAsync(part, Cancelled);
            Assert.True(found.IsSuccessStatusCode, part);
        }

        Assert.Equal(["max-age=31536000"], page.Headers.GetValues("Strict-Transport-Security"));

        // Forwarded as https: a page from there is the node's own, one without TLS is not.
        await using var ann = await ImClient.RegisterAsync(new() { Server = native.Nginx.BaseAddress, Handler = handler }, "ann", "ann@example.org", "correct horse battery staple", Cancelled);
        Assert.Equal(40000, await UpgradeAsync(native, ann, "https"));
        Assert.Equal(40303, await UpgradeAsync(native, ann, "http"));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task The_proxy_speaks_TLS_1_2_and_1_3_with_nothing_but_forward_secrecy(SslProtocols version)
    {
        await using var nginx = await StartProxyAsync();

        await using var tls = await AgreeAsync(nginx, version);

        Assert.Equal(version, tls.SslProtocol);
        Assert.Matches("^TLS_(ECDHE_.*_)?(WITH_)?(AES|CHACHA20)", tls.NegotiatedCipherSuite.ToString());
    }

    /// <summary>Its key is an RSA key, as many certificates' are: only such a one could agree on anything by itself.</summary>
    [Theory]
    [SupportedOSPlatform("linux")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384, false)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA, false)]
    public async Task Who_offers_nothing_with_forward_secrecy_is_refused(TlsCipherSuite offered, bool agrees)
    {
        await using var nginx = await StartProxyAsync();

        var fault = await Record.ExceptionAsync(async () => await (await AgreeAsync(nginx, SslProtocols.Tls12, offered)).DisposeAsync());

        Assert.Equal(agrees ? null : typeof(AuthenticationException), fault?.GetType());
    }

    [Fact]
    public async Task The_store_lets_the_nodes_in_for_their_work_a_probe_for_a_ping_and_nobody_else()
    {
        await using var native = await Native.StartAsync(published);
        await using var nodes = await ConnectionMultiplexer.ConnectAsync($"{native.Store},allowAdmin=true");
        var database = nodes.GetDatabase();

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"{native.StoreAddress},connectRetry=0"));
        await database.StringSetAsync("im:{1_2}:some", "x", TimeSpan.FromSeconds(5));
        await RefusedAsync(database.StringSetAsync("other", "x"));
        foreach (var command in new[] { "FLUSHALL", "KEYS", "CONFIG", "ACL", "REPLICAOF", "MONITOR", "SHUTDOWN", "SAVE" })
        {
            await RefusedAsync(database.ExecuteAsync(command, command switch { "KEYS" => ["*"], "CONFIG" => ["SET", "save", "1 1"], "ACL" => ["LIST"], "REPLICAOF" => ["NO", "ONE"], _ => [] }));
        }

        Assert.Equal("PONG", await RedisCliAsync(native, "ping"));
        Assert.StartsWith("NOPERM", await RedisCliAsync(native, "get", "im:{1_2}:some"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_start_only_on_a_store_that_keeps_nothing_and_this_one_does_not()
    {
        await using var native = await Native.StartAsync(published);
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(native.One.BaseAddress, "/health/ready"), Cancelled);

        Assert.Equal("true", SystemdUnit.Environment("", "")["Redis__RequireEphemeral"]);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Empty(native.One.Lines.Where(line => line.Contains("\"EventId\":1004", StringComparison.Ordinal) || line.Contains("\"EventId\":1005", StringComparison.Ordinal)));
    }

    /// <summary>More than the proxy takes by itself: only the node's answer has an envelope.</summary>
    [Fact]
    public async Task A_body_that_is_far_too_long_is_refused_by_the_node()
    {
        await using var native = await Native.StartAsync(published);
        using var handler = native.Trusting();

        // So long it waits before it sends the body all the same, and would be cut off amidst it.
        handler.Expect100ContinueTimeout = Eventually.Deadline;
        using var http = new HttpClient(handler, disposeHandler: false) { BaseAddress = native.Nginx.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/user/login") { Content = new ByteArrayContent(new byte[2 * 1024 * 1024]) };
        request.Headers.ExpectContinue = true;
        using var refused = await http.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("41300", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    /// <summary>It comes no further than the proxy, whose own page would say nothing to a client.</summary>
    [Theory]
    [InlineData(9000, 0)]
    [InlineData(0, 9000)]
    public async Task An_address_or_a_header_that_is_far_too_long_is_refused_in_the_envelope(int address, int header)
    {
        await using var native = await Native.StartAsync(published);
        using var handler = native.Trusting();
        using var http = new HttpClient(handler, disposeHandler: false) { BaseAddress = native.Nginx.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{new string('a', address)}");
        request.Headers.Add("X-Long", new string('b', header + 1));
        using var refused = await http.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("40001", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    /// <summary>The proxy alone: with nobody behind it, it still speaks TLS.</summary>
    private static Task<Nginx> StartProxyAsync()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        return Nginx.StartAsync(nobody, nobody, tls: true);
    }

    /// <summary>A TLS connection to the proxy, of a client that offers these suites alone; none: what it likes.</summary>
    private static async Task<SslStream> AgreeAsync(Nginx nginx, SslProtocols version, params TlsCipherSuite[] offered)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(nginx.BaseAddress.Host, nginx.BaseAddress.Port, Cancelled);
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                EnabledSslProtocols = version,
                CipherSuitesPolicy = offered.Length > 0 && OperatingSystem.IsLinux() ? new CipherSuitesPolicy(offered) : null,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => nginx.Certificate.Equals(certificate),
            },
            Cancelled);
        return tls;
    }

    private static async Task RefusedAsync(Task call) => Assert.Contains("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(() => call)).Message, StringComparison.Ordinal);

    private static async Task<int> UpgradeAsync(Native native, ImClient user, string scheme) => (await RefusedUpgrade.AskAsync(
        native.Nginx.BaseAddress, "/im/ws?to_user_id=0", "Host: chat.example", $"Origin: {scheme}://chat.example", $"Authorization: Bearer {user.Account.Token}")).Code;

    /// <summary>What the health check of compose asks, and something else.</summary>
    private static async Task<string> RedisCliAsync(Native native, params string[] command)
    {
        using var cli = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            Executable.Find("redis-cli")!, ["-p", native.StoreAddress.Split(':')[1], "--no-auth-warning", "--user", "probe", "--pass", "probe", .. command])
        {
            RedirectStandardOutput = true,
        })!;
        return (await cli.StandardOutput.ReadToEndAsync(Cancelled)).Trim();
    }

    [GeneratedRegex("(?:src|href)=\"(page/[^\"]+)\"")]
    private static partial Regex Part();
}
