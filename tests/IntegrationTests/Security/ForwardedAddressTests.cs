using System.Globalization;
using System.Net;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Security;

/// <summary>
/// Who a caller is taken for: the address of the connection, or what proxies that the operator trusts say of it, and nothing
/// that anybody else says. Seen by the limit of logins, which counts by it.
/// </summary>
public sealed class ForwardedAddressTests(GarnetNode fixture) : SocketSuite(fixture), IClassFixture<GarnetNode>
{
    private const int Counted = 40101;
    private const int UsedUp = 42900;

    /// <summary>On Linux all of 127.0.0.0/8 is this machine.</summary>
    private static readonly IPAddress Trusted = IPAddress.Parse("127.0.0.1"), TrustedToo = IPAddress.Parse("127.0.5.9"), Stranger = IPAddress.Parse("127.0.0.2");

    private static readonly string[] Proxies = ["--Web:TrustedProxies:0=127.0.0.1", "--Web:TrustedProxies:1=127.0.5.0/24", "--Web:TrustedProxies:2=2001:db8:ffff::/48"];

    public static TheoryData<string, string, string> Same() => new()
    {
        // As a stranger: whatever it says, it is itself.
        { "stranger", "192.0.2.1", "stranger" },
        { "stranger", "192.0.2.1, 127.0.0.1", "stranger; 127.0.0.1" },
        { "stranger", "garbage", "stranger; 192.0.2.77" },

        // Behind one proxy, or several that are trusted: who the last of them saw. What was said to it before is nothing.
        { "trusted", "192.0.2.1", "trusted too; 192.0.2.1" },
        { "trusted", "192.0.2.1", "trusted; 198.51.100.7, 192.0.2.1" },
        { "trusted", "192.0.2.1", "trusted; 198.51.100.7, 192.0.2.1, 127.0.5.77" },
        { "trusted", "192.0.2.1", "trusted; 192.0.2.1, 2001:db8:ffff::9, 127.0.5.77" },
        { "trusted", "192.0.2.1", "trusted; garbage, 192.0.2.1" },
        { "trusted", "192.0.2.1", "trusted; 192.0.2.1:4711" },
        { "trusted", "192.0.2.1", "trusted; ::ffff:192.0.2.1" },
        { "trusted", "2001:db8::1", "trusted; [2001:db8::1]:4711" },
        { "trusted", "2001:db8::1", "trusted; \"[2001:db8::ffff]\"" },

        // What nobody can read says nothing: it is the proxy itself, or the last that can be read.
        { "trusted", "", "trusted; garbage" },
        { "trusted", "", "trusted; 192.0.2.1, 999.1.1.1" },
        { "trusted", "192.0.2.1", "trusted; unknown, 192.0.2.1" },
    };

    public static TheoryData<string, string, string> Different() => new()
    {
        { "trusted", "192.0.2.1", "trusted; 192.0.2.2" },
        { "trusted", "192.0.2.1", "stranger; 192.0.2.1" },
        { "trusted", "192.0.2.1, 198.51.100.7", "trusted; 192.0.2.1, 198.51.100.8" },
        { "trusted", "2001:db8::1", "trusted; 2001:db8:0:1::1" },
        { "trusted", "127.0.0.2", "trusted; 127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Same))]
    public async Task One_caller_is_one_whatever_way_they_come_and_whatever_they_say(string from, string says, string again) =>
        Assert.Equal((Counted, UsedUp), await CallTwiceAsync(from, says, again));

    [Theory]
    [MemberData(nameof(Different))]
    public async Task Different_callers_are_not_taken_for_one(string from, string says, string other) =>
        Assert.Equal((Counted, Counted), await CallTwiceAsync(from, says, other));

    [Fact]
    public async Task Without_a_trusted_proxy_nobody_is_believed_not_even_this_machine()
    {
        await using var node = await Fixture.StartAnotherAsync("--Limits:LoginsPerMinute=1");

        Assert.Equal(Counted, await LogInAsync(node.BaseAddress, Trusted, "192.0.2.1"));
        Assert.Equal(UsedUp, await LogInAsync(node.BaseAddress, Trusted, "192.0.2.2"));
    }

    [Fact]
    public async Task A_node_that_listens_for_both_families_knows_a_trusted_address_of_the_old_one()
    {
        await using var node = await Fixture.StartAnotherAsync([.. Proxies, "--Limits:LoginsPerMinute=1", "--Urls=http://[::]:0"]);
        var address = new Uri($"http://127.0.0.1:{node.BaseAddress.Port}");

        Assert.Equal(Counted, await LogInAsync(address, Trusted, "192.0.2.1"));
        Assert.Equal(Counted, await LogInAsync(address, Trusted, "192.0.2.2"));
        Assert.Equal(UsedUp, await LogInAsync(address, TrustedToo, "192.0.2.2"));
    }

    [Fact]
    public async Task A_proxy_may_be_of_the_new_family()
    {
        await using var node = await Fixture.StartAnotherAsync("--Web:TrustedProxies:0=::1", "--Limits:LoginsPerMinute=1", "--Urls=http://[::1]:0");

        Assert.Equal(Counted, await LogInAsync(node.BaseAddress, null, "192.0.2.1"));
        Assert.Equal(Counted, await LogInAsync(node.BaseAddress, null, "192.0.2.2"));
        Assert.Equal(UsedUp, await LogInAsync(node.BaseAddress, null, "192.0.2.2"));
    }

    private static async Task<int> LogInAsync(Uri node, IPAddress? from, string says)
    {
        const string Body = """{"username":"nobody","password":"no password of anybody"}""";
        var forwarded = says.Length == 0 ? "" : $"X-Forwarded-For: {says}\r\n";
        var answer = await RawHttp.AskAsync(
            node,
            $"POST /user/login HTTP/1.1\r\nHost: im\r\nConnection: close\r\n{forwarded}X-Forwarded-Host: evil.example\r\nForwarded: for=203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}",
            from);
        var code = answer.IndexOf("\"code\":", StringComparison.Ordinal) + 7;
        return int.Parse(answer.AsSpan(code, 5), CultureInfo.InvariantCulture);
    }

    private async Task<(int First, int Second)> CallTwiceAsync(string from, string says, string again)
    {
        await using var node = await Fixture.StartAnotherAsync([.. Proxies, "--Limits:LoginsPerMinute=1"]);
        var second = again.Split("; ");
        return (
            await LogInAsync(node.BaseAddress, Address(from), says),
            await LogInAsync(node.BaseAddress, Address(second[0]), second.Length > 1 ? second[1] : ""));
    }

    private static IPAddress Address(string from) => from switch
    {
        "trusted" => Trusted,
        "trusted too" => TrustedToo,
        _ => Stranger,
    };
}
