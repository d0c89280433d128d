using System.Net;
using System.Net.Http.Json;
using System.Text;
using Im.Application.Accounts;
using Im.Application.Contacts;
using Im.Application.Health;
using Im.Domain;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Documents;

/// <summary>Every operation is called, and made to refuse in every way that its description names.</summary>
public sealed class OpenApiAnswersTests
{
    private const string Password = "correct horse battery staple";

    /// <summary>Documented, and not provoked here.</summary>
    private static readonly Dictionary<string, string> NotProvoked = new()
    {
        ["Register 50300"] = "Only a crowd of registrations at once fills the places for hashing.",
        ["LogIn 50300"] = "Only a crowd of logins at once fills the places for hashing.",
    };

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    [Fact]
    public async Task Every_documented_answer_is_given_and_every_answer_is_documented()
    {
        await using var node = await TestNode.StartAsync(null);
        var description = await Description.OfAsync(node);

        await CallAsync(description, node);
        await RefuseBodiesAsync(description, node);
        await RefuseStrangersAsync(description, node);
        await RefuseByRulesAsync(description);
        await RefuseForHasteAsync(description);
        await FailAsync(description);

        Assert.Equal(
            description.Documented.Order(StringComparer.Ordinal),
            description.Seen.Concat(NotProvoked.Keys).Order(StringComparer.Ordinal));
    }

    private async Task CallAsync(Description description, TestNode node)
    {
        await SawAsync(description, node, "Register", HttpMethod.Post, "/user/register", null, new { username = "ann", email = "ann@example.com", password = Password });
        await SawAsync(description, node, "Register", HttpMethod.Post, "/user/register", null, new { username = "ann", email = "ann@example.com", password = Password });
        await SawAsync(description, node, "LogIn", HttpMethod.Post, "/user/login", null, new { username = "ann", password = Password });
        await SawAsync(description, node, "LogIn", HttpMethod.Post, "/user/login", null, new { email = "ann@example.com", password = "another one" });
        await SawAsync(description, node, "LogOut", HttpMethod.Post, "/user/logout", Pairs.User());
        await SawAsync(description, node, "FindSession", HttpMethod.Get, $"/im/sessions/{_pair.Bob}", _pair.Ann);
        foreach (var publicKey in new[] { null, "BAIX5hfwtkQ5KCePlpmeaaI6TywVK99tbN9m5bgCgtTt" })
        {
            await SawAsync(description, node, "RequestKey", HttpMethod.Post, "/im/get_imKey", _pair.Ann, KeyRequest(_pair.Bob, publicKey));
            await SawAsync(description, node, "RequestKey", HttpMethod.Post, "/im/get_imKey", _pair.Bob, KeyRequest(_pair.Ann, publicKey));
            await SawAsync(description, node, "RequestKey", HttpMethod.Post, "/im/get_imKey", _pair.Ann, KeyRequest(_pair.Bob, publicKey is null ? "AAAA" : null));
            await SawAsync(description, node, "FindSession", HttpMethod.Get, $"/im/sessions/{_pair.Bob}", _pair.Ann);
            await using (var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob))
            {
                description.Saw("Connect", 101, null, "");
            }

            await SawAsync(description, node, "EndSession", HttpMethod.Delete, $"/im/sessions/{_pair.Bob}", _pair.Ann);
        }

        await SawAsync(description, node, "Live", HttpMethod.Get, "/health/live", null);
        await SawAsync(description, node, "Ready", HttpMethod.Get, "/health/ready", null);
        await SawAsync(description, node, "Metrics", HttpMethod.Get, "/metrics", null);
        await SawAsync(description, node, "Connect", HttpMethod.Get, $"/im/ws?to_user_id={_pair.Bob}", _pair.Ann);
        using var passedOn = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Forwarded-For", "192.0.2.1" } } };
        await description.SawAsync("Metrics", await node.Http.SendAsync(passedOn, TestContext.Current.CancellationToken));
    }

    private async Task RefuseBodiesAsync(Description description, TestNode node)
    {
        foreach (var (operation, path, user) in new[] { ("RequestKey", "/im/get_imKey", _pair.Ann), ("Register", "/user/register", (long?)null), ("LogIn", "/user/login", null) })
        {
            foreach (var content in new[]
            {
                new StringContent("{}", Encoding.UTF8, "application/json"),
                new StringContent("{", Encoding.UTF8, "application/json"),
                new StringContent(new string(' ', 17_000), Encoding.UTF8, "application/json"),
                new StringContent("to_user_id: 10", Encoding.UTF8, "text/plain"),
            })
            {
                await SawAsync(description, node, operation, HttpMethod.Post, path, user, content);
            }
        }

        await SawAsync(description, node, "FindSession", HttpMethod.Get, "/im/sessions/nobody", _pair.Ann);
        await SawAsync(description, node, "EndSession", HttpMethod.Delete, "/im/sessions/0?session=none", _pair.Ann);
        await UpgradeAsync(description, node, "to_user_id=nobody&session=none", _pair.Ann);
    }

    private async Task RefuseStrangersAsync(Description description, TestNode node)
    {
        await CallAllAsync(description, node, user: null);
        await CallFromElsewhereAsync(description, node);
        await UpgradeAsync(description, node, $"to_user_id={_pair.Bob}", user: null);
        await UpgradeAsync(description, node, $"to_user_id={_pair.Bob}", _pair.Ann);
        await UpgradeAsync(description, node, $"to_user_id={_pair.Bob}", _pair.Ann, "Origin: https://elsewhere.example");
    }

    private async Task RefuseByRulesAsync(Description description)
    {
        await using var strict = await TestNode.StartAsync(null, services => services.AddSingleton<IContactPolicy, Nobody>(), "--Accounts:OpenRegistration=false");
        await SawAsync(description, strict, "RequestKey", HttpMethod.Post, "/im/get_imKey", _pair.Ann, KeyRequest(_pair.Bob, null));
        await SawAsync(description, strict, "Register", HttpMethod.Post, "/user/register", null, new { username = "bob", email = "bob@example.com", password = Password });
    }

    private async Task RefuseForHasteAsync(Description description)
    {
        await using var slow = await TestNode.StartAsync(null, "--Limits:RequestsPerMinute=1", "--Limits:LoginsPerMinute=1");
        var other = Pairs.User();
        await CallAllAsync(description, slow, other);
        await CallAllAsync(description, slow, other);
        await UpgradeAsync(description, slow, $"to_user_id={_pair.Bob}", other);
        foreach (var (operation, path) in new[] { ("Register", "/user/register"), ("LogIn", "/user/login") })
        {
            await SawAsync(description, slow, operation, HttpMethod.Post, path, null, new { username = "cat", email = "cat@example.com", password = Password });
            await SawAsync(description, slow, operation, HttpMethod.Post, path, null, new { username = "cat", email = "cat@example.com", password = Password });
        }
    }

    private async Task FailAsync(Description description)
    {
        await using var away = await TestNode.StartAsync(
            null, services => services.AddSingleton<IRevocations>(new FakeRevocations { Refuse = () => Errors.StoreUnavailable }).AddSingleton<IStoreProbe>(new DeadStore()));
        await CallAllAsync(description, away, _pair.Ann);
        await UpgradeAsync(description, away, $"to_user_id={_pair.Bob}", _pair.Ann);
        await SawAsync(description, away, "Ready", HttpMethod.Get, "/health/ready", null);

        await using var broken = await TestNode.StartAsync(
            null, services => services.AddSingleton<IRevocations>(new FakeRevocations { Refuse = () => throw Bug() }).AddSingleton<IPasswordHasher>(new BrokenHasher()));
        await CallAllAsync(description, broken, _pair.Ann);
        await UpgradeAsync(description, broken, $"to_user_id={_pair.Bob}", _pair.Ann);
        await SawAsync(description, broken, "Register", HttpMethod.Post, "/user/register", null, new { username = "dan", email = "dan@example.com", password = Password });
        await SawAsync(description, broken, "LogIn", HttpMethod.Post, "/user/login", null, new { username = "dan", password = Password });
    }

    /// <summary>As a page of another origin does.</summary>
    private async Task CallFromElsewhereAsync(Description description, TestNode node)
    {
        using var elsewhere = new HttpClient { BaseAddress = node.BaseAddress, DefaultRequestHeaders = { { "Origin", "https://elsewhere.example" } } };
        elsewhere.DefaultRequestHeaders.Authorization = new("Bearer", TestNode.Mint(_pair.Ann));
        foreach (var (operation, method, path) in new[]
        {
            ("RequestKey", HttpMethod.Post, "/im/get_imKey"),
            ("FindSession", HttpMethod.Get, $"/im/sessions/{_pair.Bob}"),
            ("EndSession", HttpMethod.Delete, $"/im/sessions/{_pair.Bob}"),
            ("LogOut", HttpMethod.Post, "/user/logout"),
            ("Register", HttpMethod.Post, "/user/register"),
            ("LogIn", HttpMethod.Post, "/user/login"),
        })
        {
            using var request = new HttpRequestMessage(method, path);
            await description.SawAsync(operation, await elsewhere.SendAsync(request, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Every REST call that asks for a token.</summary>
    private async Task CallAllAsync(Description description, TestNode node, long? user)
    {
        await SawAsync(description, node, "RequestKey", HttpMethod.Post, "/im/get_imKey", user, KeyRequest(_pair.Bob, null));
        await SawAsync(description, node, "FindSession", HttpMethod.Get, $"/im/sessions/{_pair.Bob}", user);
        await SawAsync(description, node, "EndSession", HttpMethod.Delete, $"/im/sessions/{_pair.Bob}", user);
        await SawAsync(description, node, "LogOut", HttpMethod.Post, "/user/logout", user);
    }

    private static async Task UpgradeAsync(Description description, TestNode node, string query, long? user, params string[] headers)
    {
        var refused = await RefusedUpgrade.AskAsync(node, $"/im/ws?{query}", user is null ? headers : [$"Authorization: Bearer {TestNode.Mint(user.Value)}", .. headers]);
        description.Saw("Connect", refused.Status, "application/json", refused.Body.GetRawText());
    }

    private static Task<HttpStatusCode> SawAsync(Description description, TestNode node, string operation, HttpMethod method, string path, long? user, object body) =>
        SawAsync(description, node, operation, method, path, user, JsonContent.Create(body));

    private static async Task<HttpStatusCode> SawAsync(
        Description description, TestNode node, string operation, HttpMethod method, string path, long? user, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (user is not null)
        {
            request.Headers.Authorization = new("Bearer", TestNode.Mint(user.Value));
        }

        return await description.SawAsync(operation, await node.Http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private static Dictionary<string, object> KeyRequest(long peer, string? publicKey)
    {
        var fields = new Dictionary<string, object> { ["to_user_id"] = peer };
        if (publicKey is not null)
        {
            fields["public_key"] = publicKey;
        }

        return fields;
    }

    private static InvalidOperationException Bug() => new("A bug of the test's own.");

    private sealed class Nobody : IContactPolicy
    {
        public ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken) => ValueTask.FromResult(false);
    }

    private sealed class DeadStore : IStoreProbe
    {
        public Task<Result<Done>> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult<Result<Done>>(Errors.StoreUnavailable);
    }

    private sealed class BrokenHasher : IPasswordHasher
    {
        public string Hash(string password) => throw Bug();

        public PasswordCheck Check(string? hash, string password) => throw Bug();
    }
}
