using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Im.IntegrationTests.Harness;

/// <summary>An answer with its envelope taken apart.</summary>
public sealed record Answer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)
{
    public int Code => Body.GetProperty("code").GetInt32();

    public JsonElement Data => Body.GetProperty("data");

    /// <summary>The names of the faulty fields.</summary>
    public IEnumerable<string> FaultyFields => Body.GetProperty("errors").EnumerateObject().Select(fault => fault.Name);

    public string Text(string field) => Data.GetProperty(field).GetString()!;

    public long Number(string field) => Data.GetProperty(field).GetInt64();

    public bool Has(string field) => Data.TryGetProperty(field, out _);
}

/// <summary>A pair's agreed key and session.</summary>
public sealed record Agreement(string Key, string Session);

/// <summary>Calls the REST surface as any client does.</summary>
public sealed class RestClient(HttpClient http)
{
    public async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken? cancellationToken = null)
    {
        var response = await http.SendAsync(request, cancellationToken ?? TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.Content.Headers.ContentType?.MediaType is "application/json", $"No envelope: {(int)response.StatusCode} {text}");
        return new Answer(response.StatusCode, JsonElement.Parse(text), response);
    }

    /// <summary>A call by this user, the token in the Authorization header.</summary>
    public Task<Answer> SendAsync(HttpMethod method, string path, long? user, HttpContent? content = null, CancellationToken? cancellationToken = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (user is not null)
        {
            request.Headers.Authorization = new("Bearer", TestNode.Mint(user.Value));
        }

        return SendAsync(request, cancellationToken);
    }

    public Task<Answer> ExchangeAsync(long from, long to, int? wait = null, string? publicKey = null, CancellationToken? cancellationToken = null)
    {
        var fields = new Dictionary<string, object> { ["to_user_id"] = to };
        if (wait is not null)
        {
            fields["wait_seconds"] = wait;
        }

        if (publicKey is not null)
        {
            fields["public_key"] = publicKey;
        }

        return SendAsync(HttpMethod.Post, "/im/get_imKey", from, JsonContent.Create(fields), cancellationToken);
    }

    /// <summary>Both sides call: they have a key and a session.</summary>
    public async Task<Agreement> AgreeAsync(long one, long other)
    {
        await AskAsync(one, other);
        var completed = await AskAsync(other, one);
        Assert.Equal((0, 1), (completed.Code, completed.Number("is_read")));
        return new Agreement(completed.Text("im_key"), completed.Text("im_session"));
    }

    public Task<Answer> SessionAsync(long from, long to) => SendAsync(HttpMethod.Get, $"/im/sessions/{to}", from);

    public Task<Answer> EndAsync(long from, long to, string? session = null) =>
        SendAsync(HttpMethod.Delete, $"/im/sessions/{to}" + (session is null ? "" : $"?session={session}"), from);

    public Task<Answer> RegisterAsync(string username, string email, string password) =>
        SendAsync(HttpMethod.Post, "/user/register", null, JsonContent.Create(new { username, email, password }));

    public Task<Answer> LogInAsync(string? username, string? email, string password) =>
        SendAsync(HttpMethod.Post, "/user/login", null, JsonContent.Create(new { username, email, password }));

    /// <summary>One side's call. On a busy machine the store may take longer than the node waits for it; the call is safe to repeat.</summary>
    private async Task<Answer> AskAsync(long from, long to)
    {
        var answer = await ExchangeAsync(from, to);
        await Eventually.HoldsAsync("the store answers", async () => answer.Code != 50300 || (answer = await ExchangeAsync(from, to)).Code != 50300);
        return answer;
    }
}
