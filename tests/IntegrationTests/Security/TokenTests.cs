using System.Net;
using System.Net.Http.Json;
using Im.IntegrationTests.Harness;
using Microsoft.IdentityModel.Tokens;

namespace Im.IntegrationTests.Security;

/// <summary>Who a caller is, and where the token that says so may stand.</summary>
public sealed class TokenTests(GarnetNode fixture) : IClassFixture<GarnetNode>
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    [Fact]
    public async Task A_token_may_stand_in_the_Authorization_header_or_in_the_header_token()
    {
        Assert.Equal(_pair.Ann, await CallerAsync(("Authorization", $"Bearer {TestNode.Mint(_pair.Ann)}")));
        Assert.Equal(_pair.Ann, await CallerAsync(("token", TestNode.Mint(_pair.Ann))));
    }

    [Fact]
    public async Task The_first_one_present_is_the_only_one_looked_at() =>
        Assert.Null(await CallerAsync(("Authorization", "Bearer nonsense"), ("token", TestNode.Mint(_pair.Ann))));

    [Fact]
    public async Task On_REST_a_token_in_the_query_counts_for_nothing()
    {
        var answer = await fixture.Node.Rest.SendAsync(HttpMethod.Get, $"/im/sessions/{_pair.Bob}?token={TestNode.Mint(_pair.Ann)}", user: null);

        Assert.Equal((HttpStatusCode.Unauthorized, 40100), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Without_a_token_nobody_is_anybody() => Assert.Null(await CallerAsync());

    [Fact]
    public async Task A_user_id_in_digits_is_as_good_as_a_number() => Assert.Equal(_pair.Ann, await CallerAsync(Token(Tokens.Mint($"{_pair.Ann}"))));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("007")]
    [InlineData("-7")]
    [InlineData("7.0")]
    [InlineData("9007199254740992")]
    [InlineData(0L)]
    [InlineData(-7L)]
    [InlineData(9007199254740992L)]
    [InlineData(7.5)]
    [InlineData(true)]
    public async Task Any_other_id_is_none(object id) => Assert.Null(await CallerAsync(Token(Tokens.Mint(id))));

    [Fact]
    public async Task A_token_without_an_id_or_without_an_end_is_not_valid()
    {
        Assert.Null(await CallerAsync(Token(Tokens.Mint(_pair.Ann, alter: token => token.Claims = new Dictionary<string, object> { ["name"] = "ann" }))));
        Assert.Null(await CallerAsync(Token(Tokens.Mint(_pair.Ann, alter: token => token.Expires = null))));
    }

    [Fact]
    public async Task A_token_is_good_for_the_clock_skew_past_its_end_and_no_longer()
    {
        Assert.Equal(_pair.Ann, await CallerAsync(Token(Tokens.Mint(_pair.Ann, TimeSpan.FromSeconds(-10)))));
        Assert.Null(await CallerAsync(Token(Tokens.Mint(_pair.Ann, TimeSpan.FromSeconds(-31)))));
    }

    [Fact]
    public async Task Only_the_configured_key_and_algorithm_sign()
    {
        string[] bad =
        [
            Tokens.Mint(_pair.Ann, alter: token => token.SigningCredentials = Tokens.SignedWith("another key that is also long enough to sign")),
            Tokens.Mint(_pair.Ann, alter: token => token.SigningCredentials = Tokens.SignedWith(Tokens.SigningKey + Tokens.SigningKey, SecurityAlgorithms.HmacSha512)),
            Tokens.Mint(_pair.Ann, alter: token => token.SigningCredentials = null),
        ];
        foreach (var token in bad)
        {
            Assert.Null(await CallerAsync(Token(token)));
        }
    }

    private static (string, string) Token(string token) => ("Authorization", $"Bearer {token}");

    /// <summary>As whom the node takes the caller; null: refused with 40100.</summary>
    private async Task<long?> CallerAsync(params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/im/get_imKey") { Content = JsonContent.Create(new { to_user_id = _pair.Bob }) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await fixture.Node.Rest.SendAsync(request);
        if (answer.Code == 0)
        {
            return answer.Number("from_user_id");
        }

        Assert.Equal((HttpStatusCode.Unauthorized, 40100), (answer.Status, answer.Code));
        return null;
    }
}
