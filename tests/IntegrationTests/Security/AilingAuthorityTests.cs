using System.Diagnostics;
using System.Net;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Security;

/// <summary>An authority that hangs, or never comes to an end: a node waits, and reads, only so much of it. By the real clock.</summary>
public sealed class AilingAuthorityTests : IAsyncLifetime
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string Keys = "/keys";

    /// <summary>One read takes 5 s at most; some time for a busy machine, and less than any other bound that there is.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5 + 20);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private TestAuthority _authority = null!;

    public async ValueTask InitializeAsync() => _authority = await TestAuthority.StartAsync();

    public ValueTask DisposeAsync() => _authority.DisposeAsync();

    [Theory]
    [InlineData(Discovery, Trouble.Silence)]
    [InlineData(Discovery, Trouble.Trickle)]
    [InlineData(Discovery, Trouble.Flood)]
    [InlineData(Keys, Trouble.Silence)]
    [InlineData(Keys, Trouble.Trickle)]
    [InlineData(Keys, Trouble.Flood)]
    public async Task A_node_starts_all_the_same_within_the_bound_asks_to_try_again_and_recovers(string path, Trouble trouble)
    {
        _authority.Ails = (path, trouble);
        var watch = Stopwatch.StartNew();
        await using var node = await TestNode.StartAsync(null, [.. _authority.Settings, "--Limits:RequestsPerMinute=0"]);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Bound);

        await Eventually.OnceWithinAsync("it asks to try again", TimeSpan.FromSeconds(1.5), () => TookAsync(async () =>
        {
            var answer = await AskAsync(node, _authority.Mint(_pair.Ann));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, 50300), (answer.Status, answer.Code));
        }));
        Assert.Equal(1, node.Logs.Lines.Count(line => line.Id.Id == 1201));

        // 256 KiB are read, and what lies in the buffers of both ends, which the kernel lets grow to some MiB; again every five seconds.
        Assert.InRange(_authority.Poured, 0, 32 * 1024 * 1024 * (1 + (long)(watch.Elapsed.TotalSeconds / 5)));

        _authority.Ails = null;
        await Eventually.HoldsAsync("its tokens are good", async () => (await AskAsync(node, _authority.Mint(_pair.Ann))).Code == 40301, TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(Trouble.Silence)]
    [InlineData(Trouble.Flood)]
    public async Task A_token_with_an_unknown_key_waits_two_seconds_at_most_and_tokens_with_known_ones_do_not_wait(Trouble trouble)
    {
        await using var node = await TestNode.StartAsync(null, [.. _authority.Settings, "--Limits:RequestsPerMinute=0"]);
        var known = _authority.Mint(_pair.Ann);
        _authority.Ails = (Keys, trouble);
        _authority.Rotate();

        await Eventually.OnceWithinAsync("an unknown key is waited for", TimeSpan.FromSeconds(2 + 2), async () =>
        {
            // Not before five seconds have passed since the last time is the authority asked for an unknown one.
            var before = _authority.Reads;
            var longest = TimeSpan.Zero;
            await Eventually.HoldsAsync("the authority was asked", async () =>
            {
                var took = await TookAsync(async () => Assert.Equal(40100, (await AskAsync(node, _authority.Mint(_pair.Ann))).Code));
                longest = took > longest ? took : longest;
                return _authority.Reads > before;
            });
            return longest;
        });

        await Eventually.OnceWithinAsync("a known key is good", TimeSpan.FromSeconds(1.5), () => TookAsync(async () => Assert.Equal(40301, (await AskAsync(node, known)).Code)));

        _authority.Ails = null;
        await Eventually.HoldsAsync("the new key is good", async () => (await AskAsync(node, _authority.Mint(_pair.Ann))).Code == 40301, TimeSpan.FromSeconds(30));
    }

    private static async Task<TimeSpan> TookAsync(Func<Task> step)
    {
        var began = OwnTime.Clock.GetTimestamp();
        await step();
        return OwnTime.Clock.GetElapsedTime(began);
    }

    private Task<Answer> AskAsync(TestNode node, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/im/sessions/{_pair.Bob}");
        request.Headers.Authorization = new("Bearer", token);
        return node.Rest.SendAsync(request);
    }
}
