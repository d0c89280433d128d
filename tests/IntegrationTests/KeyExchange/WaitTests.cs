using System.Diagnostics;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary><c>wait_seconds</c>: the answer is held back for the other side.</summary>
public abstract class WaitTests(NodeFixture fixture)
{
    /// <summary>Sooner than a wait ends by itself, however busy the machine is: its time is <see cref="Longest"/>.</summary>
    internal static readonly TimeSpan BeforeItsTime = TimeSpan.FromSeconds(20);

    /// <summary>Seconds.</summary>
    private const int Longest = 30;

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private RestClient Rest => fixture.Node.Rest;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task The_answer_is_held_back_until_the_other_side_calls()
    {
        var opened = await Rest.ExchangeAsync(Ann, Bob);
        var held = Rest.ExchangeAsync(Ann, Bob, wait: Longest);

        await Rest.ExchangeAsync(Bob, Ann);

        var answer = await held.WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken);
        Assert.Equal((opened.Text("im_key"), 1L), (answer.Text("im_key"), answer.Number("is_read")));
    }

    [Fact]
    public async Task When_the_time_is_up_the_answer_says_that_nobody_called()
    {
        var started = Stopwatch.GetTimestamp();

        var answer = await Rest.ExchangeAsync(Ann, Bob, wait: 1);

        Assert.Equal(0, answer.Number("is_read"));
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task If_the_handshake_is_ended_meanwhile_the_answer_is_that_of_the_calls_start()
    {
        var held = Rest.ExchangeAsync(Ann, Bob, wait: Longest);

        // Ended again and again: the first time may come before the call.
        await Eventually.HoldsAsync("the answer", async () =>
        {
            await Rest.EndAsync(Bob, Ann);
            return held.IsCompleted;
        });

        Assert.Equal((0, 0L), ((await held).Code, (await held).Number("is_read")));
    }

    [Fact]
    public async Task Of_nine_waits_of_one_user_one_is_answered_at_once_and_the_others_when_the_other_side_calls()
    {
        var held = HoldNine(fixture.Node);

        var first = await Task.WhenAny(held).WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await first).Number("is_read"));
        _ = Assert.Single(held, call => call.IsCompleted);

        await Rest.ExchangeAsync(Bob, Ann);

        var answers = await Task.WhenAll(held).WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken);
        Assert.Equal(8, answers.Count(answer => answer.Number("is_read") == 1));
        Assert.Single(answers.Select(answer => answer.Text("im_key")).Distinct());
    }

    [Fact]
    public async Task A_client_that_goes_away_frees_its_place_at_once()
    {
        using var gone = new CancellationTokenSource();
        var held = HoldNine(fixture.Node, gone.Token);
        await Task.WhenAny(held).WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken);

        await gone.CancelAsync();

        await Eventually.HoldsAsync("a call held back", async () =>
        {
            var started = Stopwatch.GetTimestamp();
            await Rest.ExchangeAsync(Ann, Bob, wait: 1);
            return Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9);
        });
        await Task.WhenAll(held.Select(call => call.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
    }

    [Fact]
    public async Task Waits_end_at_once_with_their_answer_when_the_node_drains()
    {
        await using var node = await fixture.StartAnotherAsync();
        var held = HoldNine(node);
        await Task.WhenAny(held).WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken);

        await node.StopAsync(TestContext.Current.CancellationToken);

        Assert.All(await Task.WhenAll(held).WaitAsync(BeforeItsTime, TestContext.Current.CancellationToken), answer => Assert.Equal(0, answer.Number("is_read")));
    }

    /// <summary>Nine calls: once one of them is answered, the eight others wait in the node for certain.</summary>
    private List<Task<Answer>> HoldNine(TestNode node, CancellationToken? cancellationToken = null) =>
        [.. Enumerable.Range(0, 9).Select(_ => node.Rest.ExchangeAsync(Ann, Bob, wait: Longest, cancellationToken: cancellationToken))];

    public sealed class OnGarnet(GarnetNode node) : WaitTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : WaitTests(node), IClassFixture<RedisNode>;
}
