using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Documents;

/// <summary>The OpenAPI document as a node serves it, and what was seen of it: every answer must be as it says.</summary>
internal sealed class Description
{
    private readonly JsonObject _document;
    private readonly HashSet<string> _seen = [];

    public Description(string text)
    {
        Text = text;
        _document = JsonNode.Parse(text)!.AsObject();
        Schemas = new Schemas(_document["components"]!["schemas"]!.AsObject(), "#/components/schemas/");
    }

    /// <summary>As it is committed: without a mark of the node that served it.</summary>
    public string Text { get; }

    public Schemas Schemas { get; }

    public IEnumerable<string> Paths => _document["paths"]!.AsObject().Select(path => path.Key);

    /// <summary>The operations, with their path and method.</summary>
    public IEnumerable<(string Path, string Method, JsonObject Operation)> Operations =>
        from path in _document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key, operation.Value!.AsObject());

    /// <summary>Whatever can be answered: operation and code of the wire, or status where there is no envelope.</summary>
    public IEnumerable<string> Documented =>
        from operation in Operations
        from response in operation.Operation["responses"]!.AsObject()
        from code in CodesOf(response)
        select $"{operation.Operation["operationId"]} {code}";

    public IReadOnlySet<string> Seen => _seen;

    public static async Task<Description> OfAsync(TestNode node)
    {
        var text = await node.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        return new Description(text.ReplaceLineEndings("\n").TrimEnd() + "\n");
    }

    /// <summary>Fails unless the operation can answer so, and notes that it did.</summary>
    public async Task<HttpStatusCode> SawAsync(string operationId, HttpResponseMessage answer)
    {
        Saw(operationId, (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (answer.StatusCode is HttpStatusCode.TooManyRequests || (answer.StatusCode is HttpStatusCode.ServiceUnavailable && operationId != "Ready"))
        {
            Assert.True(int.Parse(answer.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture) >= 1);
        }

        return answer.StatusCode;
    }

    /// <summary>The same of an answer that was taken apart.</summary>
    public void Saw(string operationId, int status, string? mediaType, string body)
    {
        var operation = Operations.Single(operation => (string?)operation.Operation["operationId"] == operationId).Operation;
        var response = operation["responses"]![status.ToString(CultureInfo.InvariantCulture)];
        Assert.True(response is not null, $"{operationId} answered {status}, which is not described: {body}");
        var code = status.ToString(CultureInfo.InvariantCulture);
        if (response["content"]?.AsObject() is { } content)
        {
            Assert.True(mediaType is not null && content.ContainsKey(mediaType), $"{operationId} answered {status} as {mediaType}, which is not described.");
            if (mediaType == "application/json")
            {
                var json = JsonElement.Parse(body);
                Assert.Null(Schemas.FaultOf(content[mediaType]!["schema"]!, json));
                code = json.TryGetProperty("code", out var number) && number.GetInt32() != 0 ? number.GetRawText() : code;
            }
        }

        Assert.True(CodesOf(new(status.ToString(CultureInfo.InvariantCulture), response)).Contains(code), $"{operationId} answered {code}, which is not described.");
        _seen.Add($"{operationId} {code}");
    }

    /// <summary>Examples by code are refusals; others tell one way in which a call succeeds.</summary>
    private static List<string> CodesOf(KeyValuePair<string, JsonNode?> response)
    {
        var examples = response.Value!["content"]?["application/json"]?["examples"]?.AsObject().Select(example => example.Key).ToList() ?? [];
        return examples.Count > 0 && examples.All(example => int.TryParse(example, out _)) ? examples : [response.Key];
    }
}
