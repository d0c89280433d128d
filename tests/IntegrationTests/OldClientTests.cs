using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests;

/// <summary>The first clients, unchanged: forms, the header <c>token</c>, polling for the key, a socket without a subprotocol.</summary>
public abstract class OldClientTests(NodeFixture fixture)
{
    private TestNode Node => fixture.Node;

    [Fact]
    public async Task Two_old_clients_log_in_agree_on_a_key_and_talk()
    {
        var (ann, bob) = (await LogInAsync("ann"), await LogInAsync("bob"));

        var first = await AskForKeyAsync(ann, bob);
        Assert.Equal(0, first.Number("is_read"));
        var second = await AskForKeyAsync(bob, ann);
        var polled = await AskForKeyAsync(ann, bob);
        Assert.Equal((first.Text("im_key"), 1L), (second.Text("im_key"), second.Number("is_read")));
        Assert.Equal((first.Text("im_key"), 1L), (polled.Text("im_key"), polled.Number("is_read")));

        await using var anns = await ConnectAsync(ann, bob);
        await using var bobs = await ConnectAsync(bob, ann);
        Assert.Null(anns.Subprotocol);
        await anns.SendAsync(new { type = "msg", from_user_id = bob.Id, to_user_id = ann.Id, session = polled.Text("im_session"), data = "hello" });

        var came = await bobs.NextAsync();
        Assert.Equal(("msg", "hello", ann.Id, bob.Id), (came.Type, came.Text("data"), came.Number("from_user_id"), came.Number("to_user_id")));
        Assert.Equal((polled.Text("im_session"), 1L), (came.Text("session"), came.Number("seq")));

        await bobs.SendMsgAsync("hello yourself");
        Assert.Equal("hello yourself", (await anns.NextAsync()).Text("data"));

        // Nothing but msg came: no presence, no ready, no sent.
        Assert.All(anns.Frames.Concat(bobs.Frames), frame => Assert.Equal("msg", frame.Type));
    }

    [Fact]
    public async Task What_an_old_client_missed_waits_for_it_and_comes_once()
    {
        var (ann, bob) = Pairs.Fresh();
        await Node.Rest.AgreeAsync(ann, bob);
        await using var anns = await SocketClient.ConnectAsync(Node, ann, bob, new Upgrade { V1 = false });
        await anns.SendMsgAsync("one");
        await anns.SendMsgAsync("two");

        await using (var bobs = await SocketClient.ConnectAsync(Node, bob, ann, new Upgrade { V1 = false }))
        {
            Assert.Equal(("one", "two"), ((await bobs.NextAsync()).Text("data"), (await bobs.NextAsync()).Text("data")));
            await bobs.CloseAsync();
        }

        await using var again = await SocketClient.ConnectAsync(Node, bob, ann, new Upgrade { V1 = false });
        await anns.SendMsgAsync("three");
        await again.ExpectAsync("three", frame => frame.Text("data") == "three");

        // Around a reconnect the last ones may come twice, with the same seq; none is missing and none has another seq.
        Assert.All(again.Frames, frame => Assert.Equal(frame.Text("data"), new[] { "one", "two", "three" }[(int)frame.Number("seq") - 1]));
    }

    private async Task<(long Id, string Token)> LogInAsync(string name)
    {
        var username = $"{name}-{Pairs.User()}";
        await PostFormAsync("/user/register", null, ("username", username), ("email", $"{username}@example.org"), ("password", "correct horse battery"));
        var answer = await PostFormAsync("/user/login", null, ("username", username), ("email", ""), ("password", "correct horse battery"));
        Assert.Equal(0, answer.Code);
        return (answer.Number("id"), answer.Text("token"));
    }

    private Task<Answer> AskForKeyAsync((long Id, string Token) caller, (long Id, string Token) peer) =>
        PostFormAsync("/im/get_imKey", caller.Token, ("to_user_id", $"{peer.Id}"));

    private Task<SocketClient> ConnectAsync((long Id, string Token) caller, (long Id, string Token) peer) =>
        SocketClient.ConnectAsync(Node, caller.Id, peer.Id, new Upgrade { V1 = false, TokenIn = TokenPlace.Query, Token = caller.Token });

    private Task<Answer> PostFormAsync(string path, string? token, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (token is not null)
        {
            request.Headers.Add("token", token);
        }

        return Node.Rest.SendAsync(request);
    }

    public sealed class OnGarnet(GarnetNode node) : OldClientTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : OldClientTests(node), IClassFixture<RedisNode>;
}
