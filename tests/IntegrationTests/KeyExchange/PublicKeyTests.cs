using System.Buffers.Text;
using System.Security.Cryptography;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>The mode in which the server only passes each side the other's public key.</summary>
public abstract class PublicKeyTests(NodeFixture fixture)
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private RestClient Rest => fixture.Node.Rest;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task Each_side_gets_its_own_key_as_recorded_and_the_others_and_the_server_has_none()
    {
        var (anns, bobs) = (NewKey(), NewKey());

        var opened = await Rest.ExchangeAsync(Ann, Bob, publicKey: anns);
        Assert.Equal((0L, anns), (opened.Number("is_read"), opened.Text("public_key")));
        Assert.False(opened.Has("im_key") || opened.Has("peer_public_key"));

        var completed = await Rest.ExchangeAsync(Bob, Ann, publicKey: bobs);
        Assert.Equal((1L, bobs, anns), (completed.Number("is_read"), completed.Text("public_key"), completed.Text("peer_public_key")));

        var repeated = await Rest.ExchangeAsync(Ann, Bob, publicKey: anns);
        Assert.Equal((1L, anns, bobs), (repeated.Number("is_read"), repeated.Text("public_key"), repeated.Text("peer_public_key")));
        Assert.Equal(opened.Text("im_session"), repeated.Text("im_session"));
        Assert.False(completed.Has("im_key") || repeated.Has("im_key"));
    }

    [Fact]
    public async Task While_open_the_first_sides_newest_key_replaces_its_older_one()
    {
        var newest = NewKey();
        await Rest.ExchangeAsync(Ann, Bob, publicKey: NewKey());

        Assert.Equal(newest, (await Rest.ExchangeAsync(Ann, Bob, publicKey: newest)).Text("public_key"));
        Assert.Equal(newest, (await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey())).Text("peer_public_key"));
    }

    [Fact]
    public async Task Once_completed_nothing_changes_a_key_and_the_answer_shows_the_recorded_one()
    {
        var (anns, bobs) = (NewKey(), NewKey());
        await Rest.ExchangeAsync(Ann, Bob, publicKey: anns);
        await Rest.ExchangeAsync(Bob, Ann, publicKey: bobs);

        var again = await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey());

        Assert.Equal((bobs, anns), (again.Text("public_key"), again.Text("peer_public_key")));
        Assert.Equal(bobs, (await Rest.ExchangeAsync(Ann, Bob, publicKey: NewKey())).Text("peer_public_key"));
    }

    [Fact]
    public async Task The_mode_of_the_first_caller_holds_also_while_the_completed_answer_is_kept()
    {
        await Rest.ExchangeAsync(Ann, Bob);
        Assert.Equal(40900, (await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey())).Code);
        Assert.Equal(40900, (await Rest.ExchangeAsync(Ann, Bob, publicKey: NewKey())).Code);
        Assert.Equal(1, (await Rest.ExchangeAsync(Bob, Ann)).Number("is_read"));
        Assert.Equal(40900, (await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey())).Code);

        await Rest.EndAsync(Ann, Bob);
        await Rest.ExchangeAsync(Ann, Bob, publicKey: NewKey());
        Assert.Equal(40900, (await Rest.ExchangeAsync(Bob, Ann)).Code);
        await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey());
        Assert.Equal(40900, (await Rest.ExchangeAsync(Ann, Bob)).Code);
    }

    [Fact]
    public async Task A_refused_mode_changes_nothing()
    {
        var opened = await Rest.ExchangeAsync(Ann, Bob);

        await Rest.ExchangeAsync(Bob, Ann, publicKey: NewKey());

        var again = await Rest.ExchangeAsync(Ann, Bob);
        Assert.Equal((opened.Text("im_key"), 0L), (again.Text("im_key"), again.Number("is_read")));
    }

    [Fact]
    public async Task The_longest_key_passes_and_a_longer_one_does_not()
    {
        var longest = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(2048));

        Assert.Equal(longest, (await Rest.ExchangeAsync(Ann, Bob, publicKey: longest)).Text("public_key"));
        Assert.Equal(40000, (await Rest.ExchangeAsync(Ann, Bob, publicKey: Base64Url.EncodeToString(new byte[2049]))).Code);
    }

    private static string NewKey() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(65));

    public sealed class OnGarnet(GarnetNode node) : PublicKeyTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : PublicKeyTests(node), IClassFixture<RedisNode>;
}
