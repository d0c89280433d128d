using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Im.UnitTests.Client.KeyExchange;

/// <summary>Answers each call with what a test says, and keeps what was asked.</summary>
/// <param name="answer">The answer to the n-th call for a key.</param>
/// <param name="end">The answer where a session is to end; null: it ends.</param>
internal sealed class FakeServer(Func<int, JsonElement, object> answer, Func<HttpResponseMessage?>? end = null) : HttpMessageHandler
{
    /// <summary>The method and path of each call.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The public keys that were sent, in order.</summary>
    public List<string?> Keys { get; } = [];

    /// <summary>A refusal.</summary>
    public static HttpResponseMessage Refuse(int code) => Json((HttpStatusCode)(code / 100), new JsonObject { ["code"] = code, ["message"] = "failed", ["error"] = "No." });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Calls.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
        if (request.Content is null)
        {
            return end?.Invoke() ?? Json(HttpStatusCode.OK, new JsonObject { ["code"] = 0, ["data"] = new JsonObject() });
        }

        var asked = JsonElement.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        Keys.Add(asked.TryGetProperty("public_key", out var key) ? key.GetString() : null);
        return answer(Keys.Count, asked) switch
        {
            HttpResponseMessage whole => whole,
            var data => Json(HttpStatusCode.OK, new JsonObject { ["code"] = 0, ["message"] = "success", ["data"] = JsonSerializer.SerializeToNode(data) }),
        };
    }

    private static HttpResponseMessage Json(HttpStatusCode status, JsonNode body) =>
        new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
}
