using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>Two people rendezvous over REST and get one key and one session.</summary>
public abstract class KeyExchangeTests(NodeFixture fixture)
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private RestClient Rest => fixture.Node.Rest;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task The_first_caller_opens_a_handshake_that_waits_for_the_other_side()
    {
        var opened = await Rest.ExchangeAsync(Ann, Bob);

        Assert.Equal((0, Ann, Bob, 0), (opened.Code, opened.Number("from_user_id"), opened.Number("to_user_id"), opened.Number("is_read")));
        Assert.Matches("^[0-9a-f]{64}$", opened.Text("im_key"));
        Assert.Matches("^[0-9a-f]{32}$", opened.Text("im_session"));
        Assert.InRange(opened.Number("expires_in"), 280, 300);
        Assert.False(opened.Has("public_key") || opened.Has("peer_public_key"));
    }

    [Fact]
    public async Task The_other_sides_first_call_completes_it_with_the_same_key_session_and_first_caller()
    {
        var opened = await Rest.ExchangeAsync(Ann, Bob);

        var completed = await Rest.ExchangeAsync(Bob, Ann);

        Assert.Equal((opened.Text("im_key"), opened.Text("im_session"), 1L), (completed.Text("im_key"), completed.Text("im_session"), completed.Number("is_read")));
        Assert.Equal((Ann, Bob), (completed.Number("from_user_id"), completed.Number("to_user_id")));
        Assert.InRange(completed.Number("expires_in"), 1, 60);
    }

    [Fact]
    public async Task A_repeated_call_of_the_first_side_gets_the_same_and_completes_nothing()
    {
        var opened = await Rest.ExchangeAsync(Ann, Bob);

        var again = await Rest.ExchangeAsync(Ann, Bob);

        Assert.Equal((opened.Text("im_key"), opened.Text("im_session"), 0L), (again.Text("im_key"), again.Text("im_session"), again.Number("is_read")));
    }

    [Fact]
    public async Task A_lost_response_is_repaired_by_asking_again_by_either_side_as_often_as_it_likes()
    {
        var agreed = await Rest.AgreeAsync(Ann, Bob);

        foreach (var (from, to) in new[] { (Ann, Bob), (Bob, Ann), (Bob, Ann), (Ann, Bob) })
        {
            var again = await Rest.ExchangeAsync(from, to);
            Assert.Equal((agreed.Key, agreed.Session, 1L, Ann), (again.Text("im_key"), again.Text("im_session"), again.Number("is_read"), again.Number("from_user_id")));
        }
    }

    [Fact]
    public async Task A_repeated_call_does_not_renew_the_wait_and_after_it_the_next_call_gets_another_key()
    {
        await using var node = await fixture.StartAnotherAsync("--KeyExchange:HandshakeLifetime=00:00:03");
        var opened = await node.Rest.ExchangeAsync(Ann, Bob);

        // Called all the time: a handshake that renewed itself would never go.
        await Eventually.HoldsAsync("another key", async () => (await node.Rest.ExchangeAsync(Ann, Bob)).Text("im_key") != opened.Text("im_key"));
    }

    [Fact]
    public async Task The_completed_answer_is_gone_after_its_time_while_the_session_stays()
    {
        await using var node = await fixture.StartAnotherAsync("--KeyExchange:KeyRetention=00:00:02");
        var agreed = await node.Rest.AgreeAsync(Ann, Bob);

        await Eventually.HoldsAsync("a new handshake", async () => (await node.Rest.ExchangeAsync(Ann, Bob)).Number("is_read") == 0);

        Assert.NotEqual(agreed.Key, (await node.Rest.ExchangeAsync(Ann, Bob)).Text("im_key"));
        Assert.Equal(agreed.Session, (await node.Rest.SessionAsync(Ann, Bob)).Text("im_session"));
    }

    [Fact]
    public async Task The_size_of_the_key_is_an_option_down_to_that_of_older_clients()
    {
        await using var node = await fixture.StartAnotherAsync("--KeyExchange:KeyBytes=8");

        Assert.Matches("^[0-9a-f]{16}$", (await node.Rest.ExchangeAsync(Ann, Bob)).Text("im_key"));
    }

    [Fact]
    public async Task A_pair_has_no_session_until_both_sides_called()
    {
        Assert.Equal(40301, (await Rest.SessionAsync(Ann, Bob)).Code);
        await Rest.ExchangeAsync(Ann, Bob);
        Assert.Equal(40301, (await Rest.SessionAsync(Bob, Ann)).Code);

        var completed = await Rest.ExchangeAsync(Bob, Ann);

        foreach (var (from, to) in new[] { (Ann, Bob), (Bob, Ann) })
        {
            var session = await Rest.SessionAsync(from, to);
            Assert.Equal(completed.Text("im_session"), session.Text("im_session"));
            Assert.InRange(session.Number("expires_in"), 280, 300);
        }
    }

    [Fact]
    public async Task Pairs_do_not_touch_each_other()
    {
        var eve = Pairs.User();
        var agreed = await Rest.AgreeAsync(Ann, Bob);

        var others = await Rest.AgreeAsync(Ann, eve);
        await Rest.EndAsync(eve, Ann);

        Assert.NotEqual(agreed, others);
        Assert.Equal(agreed.Session, (await Rest.SessionAsync(Ann, Bob)).Text("im_session"));
    }

    public sealed class OnGarnet(GarnetNode node) : KeyExchangeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : KeyExchangeTests(node), IClassFixture<RedisNode>;
}
