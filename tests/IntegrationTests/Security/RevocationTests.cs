using System.Net;
using Im.Application.Accounts;
using Im.Domain;
using Im.IntegrationTests.Harness;
using Im.IntegrationTests.Store;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Security;

/// <summary>Who logs out, or is shut out, has no token and no socket any more, on any node.</summary>
public abstract class RevocationTests(NodeFixture fixture) : SocketSuite(fixture)
{
    /// <summary>Far less than the sweep takes to come round, so that it was the publication; of the time that the node had.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(3);

    /// <summary>More than the sweep takes to come round.</summary>
    private static readonly TimeSpan Guard = 2 * Eventually.Deadline;

    [Fact]
    public async Task Logging_out_ends_the_token_and_the_users_sockets_on_all_nodes_with_4401_and_nobody_elses()
    {
        var (user, token) = await RegisterAsync();
        await Node.Rest.AgreeAsync(user, Bob);
        await Node.Rest.AgreeAsync(user, Ann);
        await using var one = await SocketClient.ConnectReadyAsync(Node, user, Bob, new Upgrade { Token = token });
        await using var other = await SocketClient.ConnectReadyAsync(Other, user, Ann, new Upgrade { Token = token });
        await using var bob = await SocketClient.ConnectReadyAsync(Node, Bob, user);

        Assert.Equal(0, (await CallAsync(Node, HttpMethod.Post, "/user/logout", token)).Code);

        Assert.Equal<int?>([4401, 4401], await OwnTime.WithinAsync(AtOnce, () => Task.WhenAll(one.ClosedAsync(Guard), other.ClosedAsync(Guard))));
        foreach (var node in new[] { Node, Other })
        {
            var call = await CallAsync(node, HttpMethod.Get, $"/im/sessions/{Bob}", token);
            var upgrade = await RefusedUpgrade.AskAsync(node, $"/im/ws?to_user_id={Bob}", $"Authorization: Bearer {token}");
            Assert.Equal((HttpStatusCode.Unauthorized, 40100, 40100), (call.Status, call.Code, upgrade.Code));
        }

        await bob.SettleAsync();
        Assert.False(bob.IsClosed);
    }

    [Fact]
    public async Task Who_logs_out_can_log_in_again_at_once_and_the_new_token_is_good()
    {
        var name = $"user {Ann}";
        var first = await Node.Rest.RegisterAsync(name, $"{Ann}@example.org", "a long password");
        var token = first.Text("token");
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(0, (await CallAsync(Node, HttpMethod.Post, "/user/logout", token)).Code);
            Assert.Equal(40100, (await CallAsync(Node, HttpMethod.Post, "/user/logout", token)).Code);
            token = (await Node.Rest.LogInAsync(name, null, "a long password")).Text("token");
            Assert.Equal(40301, (await CallAsync(Node, HttpMethod.Get, $"/im/sessions/{Bob}", token)).Code);
        }
    }

    [Fact]
    public async Task The_command_shuts_a_user_out_until_they_bring_a_later_token()
    {
        await using var talk = await TalkAsync();
        var earlier = TestNode.Mint(Bob);

        Assert.True((await RevokeAsync(Bob)).IsOk);

        Assert.Equal(4401, await OwnTime.WithinAsync(AtOnce, () => talk.Bob.ClosedAsync(Guard)));
        Assert.Equal(40100, (await CallAsync(Other, HttpMethod.Get, $"/im/sessions/{Ann}", earlier)).Code);
        var later = Tokens.Mint(Bob, alter: token => token.IssuedAt = DateTime.UtcNow.AddSeconds(2));
        await using var again = await SocketClient.ConnectReadyAsync(Other, Bob, Ann, new Upgrade { Token = later });
        await talk.Ann.SettleAsync();
    }

    [Fact]
    public async Task A_connection_is_not_renewed_by_a_revoked_token_and_lives_on_with_a_later_one()
    {
        await Node.Rest.AgreeAsync(Ann, Bob);
        var later = Tokens.Mint(Ann, alter: token => token.IssuedAt = DateTime.UtcNow.AddMinutes(1));
        await using var ann = await SocketClient.ConnectReadyAsync(Node, Ann, Bob, new Upgrade { Token = later });
        await RevokeAsync(Ann);

        await ann.AuthAsync(TestNode.Mint(Ann));

        (await ann.NextAsync("error")).IsRefusal(40100, "auth");
        await ann.AuthAsync(later);
        await ann.NextAsync("authenticated");
    }

    [Fact]
    public async Task A_revocation_that_was_never_told_is_found_by_the_sweep()
    {
        await using var talk = await TalkAsync();

        await StoreConversation.On(Node).Database.StringSetAsync($"im:{{revoked}}:{Bob}", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), TimeSpan.FromMinutes(1));

        Assert.Equal(4401, await talk.Bob.ClosedAsync(Guard));
        Assert.False(talk.Ann.IsClosed);
    }

    private static Task<Answer> CallAsync(TestNode node, HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", token);
        return node.Rest.SendAsync(request);
    }

    private Task<Result<Done>> RevokeAsync(long user) =>
        Node.Services.GetRequiredService<IMediator>().Send(new RevokeTokens(UserId.Of(user).Value), TestContext.Current.CancellationToken);

    private async Task<(long User, string Token)> RegisterAsync()
    {
        var answer = await Node.Rest.RegisterAsync($"user {Ann}", $"{Ann}@example.org", "a long password");
        return (answer.Number("id"), answer.Text("token"));
    }

    public sealed class OnGarnet(GarnetNode node) : RevocationTests(node), IClassFixture<GarnetNode>;

    public sealed class OnTwoNodes(RedisNodes nodes) : RevocationTests(nodes), IClassFixture<RedisNodes>;

    public sealed class OnCluster(ClusterNode node) : RevocationTests(node), IClassFixture<ClusterNode>;
}
