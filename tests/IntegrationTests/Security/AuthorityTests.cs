using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Im.IntegrationTests.Security;

/// <summary>Tokens of an OpenID Connect authority: which are good, and what happens when it changes its keys or is away.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private readonly WatchedClock _clock = new(DateTimeOffset.UtcNow);
    private TestAuthority _authority = null!;

    public async ValueTask InitializeAsync() => _authority = await TestAuthority.StartAsync();

    public ValueTask DisposeAsync() => _authority.DisposeAsync();

    [Fact]
    public async Task RS256_and_ES256_tokens_for_this_service_are_good_whether_the_id_is_a_number_or_digits()
    {
        await using var node = await StartAsync();

        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint(_pair.Ann)));
        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint($"{_pair.Ann}", alter: token => token.SigningCredentials = _authority.Ec)));
        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint(_pair.Ann, TimeSpan.FromSeconds(-29))));
    }

    [Fact]
    public async Task Every_other_algorithm_key_issuer_audience_time_or_id_is_refused()
    {
        var weak = _authority.AddRsa(1024);
        await using var node = await StartAsync();
        var rsa = ((RsaSecurityKey)_authority.Rsa.Key).Rsa;
        var foreign = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = _authority.Rsa.Key.KeyId }, SecurityAlgorithms.RsaSha256);
        var good = _authority.Mint(_pair.Ann);
        Assert.Equal(_pair.Ann, await CallerAsync(node, good));

        string[] bad =
        [
            $"{Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{good.Split('.')[1]}.",
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = Shared(rsa.ExportSubjectPublicKeyInfo())),
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = Shared(System.Text.Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()))),
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = new SigningCredentials(_authority.Rsa.Key, SecurityAlgorithms.RsaSha512)),
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = new SigningCredentials(_authority.Rsa.Key, SecurityAlgorithms.RsaSsaPssSha256)),
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = foreign),
            _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials = weak),
            _authority.Mint(_pair.Ann, alter: token => token.Issuer = "https://other.example"),
            _authority.Mint(_pair.Ann, alter: token => token.Issuer = null),
            _authority.Mint(_pair.Ann, alter: token => token.Audience = "another service"),
            _authority.Mint(_pair.Ann, alter: token => token.Audience = null),
            _authority.Mint(_pair.Ann, alter: token => token.Expires = null),
            _authority.Mint(_pair.Ann, alter: token => token.Expires = _clock.GetUtcNow().UtcDateTime.AddSeconds(-31)),
            _authority.Mint(9007199254740992L),
            _authority.Mint("0"),
            _authority.Mint("ann"),
            Tokens.Mint(_pair.Ann),
        ];
        for (var i = 0; i < bad.Length; i++)
        {
            Assert.True(await CallerAsync(node, bad[i]) is null, $"The bad token {i} was taken.");
        }

        SigningCredentials Shared(byte[] key) => new(new SymmetricSecurityKey(key) { KeyId = _authority.Rsa.Key.KeyId }, SecurityAlgorithms.HmacSha256);
    }

    [Fact]
    public async Task The_id_may_stand_in_another_claim_and_local_accounts_do_not_exist()
    {
        await using var node = await StartAsync("--Jwt:UserIdClaim=im_id");
        var token = _authority.Mint(_pair.Bob, alter: token => token.Claims["im_id"] = _pair.Ann);

        Assert.Equal(_pair.Ann, await CallerAsync(node, token));
        foreach (var route in new[] { "/user/register", "/user/login", "/user/logout" })
        {
            var answer = await node.Rest.SendAsync(HttpMethod.Post, route, user: null, JsonContent.Create(new { username = "ann", password = "a long password" }));
            Assert.Equal(40400, answer.Code);
        }
    }

    [Fact]
    public async Task A_new_key_is_good_with_its_first_token_and_a_withdrawn_one_is_good_no_longer()
    {
        await using var node = await StartAsync();
        var older = _authority.Mint(_pair.Ann);
        Assert.Equal(_pair.Ann, await CallerAsync(node, older));

        _authority.Rotate();
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint(_pair.Ann)));
        Assert.Null(await CallerAsync(node, older));
    }

    [Fact]
    public async Task A_withdrawn_key_is_noticed_without_any_token_within_ten_minutes()
    {
        await using var node = await StartAsync();
        var older = _authority.Mint(_pair.Ann);

        _authority.Rotate();
        await _clock.AdvanceWhoWaitsAsync(TimeSpan.FromMinutes(10));

        await Eventually.HoldsAsync("the older key is refused", async () => await CallerAsync(node, older) is null);
    }

    [Fact]
    public async Task Made_up_key_ids_make_the_node_ask_the_authority_once_in_five_seconds_and_no_more()
    {
        await using var node = await StartAsync();
        var before = _authority.Reads;

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => CallerAsync(node, MadeUp())));
        Assert.Equal(before, _authority.Reads);

        _clock.Advance(TimeSpan.FromSeconds(5));
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => CallerAsync(node, MadeUp())));
        Assert.Equal(before + 1, _authority.Reads);

        string MadeUp() => _authority.Mint(_pair.Ann, alter: token => token.SigningCredentials =
            new SigningCredentials(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString() }, SecurityAlgorithms.EcdsaSha256));
    }

    [Fact]
    public async Task While_the_authority_is_away_known_keys_stay_good_and_the_node_stays_ready()
    {
        await using var node = await StartAsync();
        _authority.IsAway = true;
        await _clock.AdvanceWhoWaitsAsync(TimeSpan.FromMinutes(10));
        await Eventually.HoldsAsync("the node noticed", () => Told(node, 1201) == 1);
        var asked = _authority.Refused;
        await Eventually.HoldsAsync("the node has asked again", () => AdvancedUntil(() => _authority.Refused > asked));

        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint(_pair.Ann, TimeSpan.FromHours(20))));
        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(node));

        _authority.IsAway = false;
        await Eventually.HoldsAsync("the node noticed that it is back", () => AdvancedUntil(() => Told(node, 1202) == 1));
        Assert.Equal(1, Told(node, 1201));
    }

    [Fact]
    public async Task A_node_that_starts_while_the_authority_is_away_is_not_ready_and_asks_to_try_again_until_it_answers()
    {
        _authority.IsAway = true;
        await using var node = await StartAsync();

        var answer = await AskAsync(node, _authority.Mint(_pair.Ann));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 50300, "5"), (answer.Status, answer.Code, answer.Response.Headers.RetryAfter?.ToString()));
        Assert.Equal(40100, (await node.Rest.SendAsync(HttpMethod.Get, $"/im/sessions/{_pair.Bob}", user: null)).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadyAsync(node));

        _authority.IsAway = false;
        await _clock.AdvanceWhoWaitsAsync(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync("ready", async () => await ReadyAsync(node) == HttpStatusCode.OK);
        Assert.Equal(_pair.Ann, await CallerAsync(node, _authority.Mint(_pair.Ann)));
    }

    [Fact]
    public async Task An_authority_by_another_name_is_believed_only_where_the_operator_names_it()
    {
        _authority.Issuer = "https://login.example";
        var token = _authority.Mint(_pair.Ann, alter: token => token.Issuer = "https://login.example");
        await using var strict = await StartAsync();
        Assert.Equal(50300, (await AskAsync(strict, token)).Code);
        Assert.Equal(1, Told(strict, 1201));

        await using var told = await StartAsync("--Jwt:Issuer=https://login.example");
        Assert.Equal(_pair.Ann, await CallerAsync(told, token));
        Assert.Null(await CallerAsync(told, _authority.Mint(_pair.Ann)));
    }

    [Fact]
    public async Task A_connection_is_renewed_by_a_token_of_the_authority_and_by_no_other()
    {
        await using var node = await StartAsync();
        await AgreeAsync(node);
        await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob, new Upgrade { Token = _authority.Mint(_pair.Ann) });
        _authority.Rotate();
        _clock.Advance(TimeSpan.FromSeconds(5));

        await ann.AuthAsync(_authority.Mint(_pair.Ann, TimeSpan.FromHours(2), token => token.SigningCredentials = _authority.Ec));
        Assert.InRange((await ann.NextAsync("authenticated")).Number("expires_at"), DateTimeOffset.UtcNow.AddMinutes(110).ToUnixTimeMilliseconds(), long.MaxValue);

        await ann.AuthAsync(Tokens.Mint(_pair.Ann));
        (await ann.NextAsync("error")).IsRefusal(40100, "auth");
    }

    [Fact]
    public async Task No_token_is_logged_whether_it_is_good_or_bad()
    {
        await using var node = await StartAsync();
        string[] tokens = [_authority.Mint(_pair.Ann), _authority.Mint(_pair.Ann, alter: token => token.Issuer = "https://other.example"), Tokens.Mint(_pair.Ann)];
        foreach (var token in tokens)
        {
            await CallerAsync(node, token);
        }

        Assert.NotEmpty(node.Logs.Lines);
        Assert.DoesNotContain(node.Logs.Lines, line => tokens.Any(token => token.Split('.').Any(part => line.Text.Contains(part, StringComparison.Ordinal))));
    }

    /// <summary>Whether it holds; else a minute passes, which is how long a node waits that has found the authority away.</summary>
    private bool AdvancedUntil(Func<bool> condition)
    {
        var holds = condition();
        if (!holds)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        return holds;
    }

    private static int Told(TestNode node, int id) => node.Logs.Lines.Count(line => line.Id.Id == id);

    private static async Task<HttpStatusCode> ReadyAsync(TestNode node)
    {
        using var answer = await node.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private Task<TestNode> StartAsync(params string[] args) =>
        TestNode.StartAsync(null, services => services.AddSingleton<TimeProvider>(_clock), [.. _authority.Settings, .. args]);

    private Task<Answer> AskAsync(TestNode node, string token, long? peer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/im/get_imKey") { Content = JsonContent.Create(new { to_user_id = peer ?? _pair.Bob }) };
        request.Headers.Authorization = new("Bearer", token);
        return node.Rest.SendAsync(request);
    }

    private async Task AgreeAsync(TestNode node)
    {
        await AskAsync(node, _authority.Mint(_pair.Ann));
        Assert.Equal(1, (await AskAsync(node, _authority.Mint(_pair.Bob), _pair.Ann)).Number("is_read"));
    }

    /// <summary>As whom the node takes the caller; null: refused with 40100.</summary>
    private async Task<long?> CallerAsync(TestNode node, string token)
    {
        var answer = await AskAsync(node, token);
        if (answer.Code == 0)
        {
            return answer.Number("from_user_id");
        }

        Assert.Equal((HttpStatusCode.Unauthorized, 40100), (answer.Status, answer.Code));
        return null;
    }
}
