using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>Both sides calling at the same instant, any number of times: exactly one handshake, one key, one session.</summary>
public sealed class ExchangeRaceTests
{
    private const int CallsPerSide = 32;
    private const int Rounds = 25;

    private static async Task OneKeyComesOfItAsync(TestNode one, TestNode other, string? annsKey = null, string? bobsKey = null)
    {
        var (ann, bob) = Pairs.Fresh();
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, CallsPerSide * 2).Select(async i =>
        {
            await start.Task;
            var node = (i / 2) % 2 == 0 ? one : other;
            return i % 2 == 0
                ? await node.Rest.ExchangeAsync(ann, bob, publicKey: annsKey)
                : await node.Rest.ExchangeAsync(bob, ann, publicKey: bobsKey);
        }).ToList();

        start.SetResult();
        var answers = await Task.WhenAll(calls);

        Assert.All(answers, answer => Assert.Equal(0, answer.Code));
        var session = Assert.Single(answers.Select(answer => answer.Text("im_session")).Distinct());
        Assert.Single(answers.Select(answer => answer.Number("from_user_id")).Distinct());
        Assert.Equal(session, (await one.Rest.SessionAsync(ann, bob)).Text("im_session"));
        Assert.Equal(session, (await other.Rest.SessionAsync(bob, ann)).Text("im_session"));
        if (annsKey is null)
        {
            Assert.Single(answers.Select(answer => answer.Text("im_key")).Distinct());
            return;
        }

        Assert.All(answers.Where(answer => answer.Number("is_read") == 1), answer =>
            Assert.Equal([annsKey, bobsKey!], new[] { answer.Text("public_key"), answer.Text("peer_public_key") }.Order()));
    }

    public sealed class OnTwoNodes(TwoNodes nodes) : IClassFixture<TwoNodes>
    {
        [Fact]
        public async Task There_is_one_key_and_one_session_however_many_call_on_whatever_node()
        {
            for (var round = 0; round < Rounds; round++)
            {
                await OneKeyComesOfItAsync(nodes.One, nodes.Other);
            }
        }

        [Fact]
        public async Task With_public_keys_both_sides_are_shown_the_same_two_keys()
        {
            for (var round = 0; round < Rounds; round++)
            {
                await OneKeyComesOfItAsync(nodes.One, nodes.Other, "AAAA", "BBBB");
            }
        }

        [Fact]
        public async Task A_wait_on_one_node_ends_when_the_other_side_calls_on_the_other()
        {
            for (var round = 0; round < Rounds; round++)
            {
                var (ann, bob) = Pairs.Fresh();
                var held = nodes.One.Rest.ExchangeAsync(ann, bob, wait: 30);

                var completed = await nodes.Other.Rest.ExchangeAsync(bob, ann, wait: 30);

                var answer = await held.WaitAsync(WaitTests.BeforeItsTime, TestContext.Current.CancellationToken);
                Assert.Equal((1L, 1L, completed.Text("im_key")), (completed.Number("is_read"), answer.Number("is_read"), answer.Text("im_key")));
            }
        }

        [Fact]
        public async Task What_was_agreed_on_one_node_is_known_on_the_other_and_ended_there_too()
        {
            var (ann, bob) = Pairs.Fresh();
            await nodes.One.Rest.AgreeAsync(ann, bob);
            await using var socket = await SocketClient.ConnectReadyAsync(nodes.One, ann, bob);

            await nodes.Other.Rest.EndAsync(bob, ann);

            Assert.Equal(4403, await socket.ClosedAsync());
            Assert.Equal(40301, (await nodes.One.Rest.SessionAsync(ann, bob)).Code);
        }
    }

    public sealed class OnGarnet(GarnetNode fixture) : IClassFixture<GarnetNode>
    {
        [Fact]
        public async Task There_is_one_key_and_one_session_however_many_call()
        {
            for (var round = 0; round < Rounds; round++)
            {
                await OneKeyComesOfItAsync(fixture.Node, fixture.Node);
            }
        }
    }
}
