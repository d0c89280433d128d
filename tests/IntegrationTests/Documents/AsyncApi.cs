using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Documents;

/// <summary>The AsyncAPI document, and what was seen of it: every frame must be as it says.</summary>
internal sealed class AsyncApi
{
    private readonly ConcurrentDictionary<string, bool> _seen = new();

    private AsyncApi(JsonObject document)
    {
        Document = document;
        Schemas = new Schemas(document["components"]!["schemas"]!.AsObject(), "#/components/schemas/");
    }

    public JsonObject Document { get; }

    public Schemas Schemas { get; }

    /// <summary>Every message of every operation: <c>v1 receive ack</c>.</summary>
    public IEnumerable<string> Messages =>
        from operation in Document["operations"]!.AsObject()
        from message in operation.Value!["messages"]!.AsArray()
        select $"{Last(operation.Value["channel"]!)} {operation.Value["action"]} {Last(message!)}";

    public IEnumerable<string> Seen => _seen.Keys;

    public static AsyncApi Read() => new(Yaml.Parse(Repository.Read("docs", "asyncapi.yaml"))!.AsObject());

    /// <summary>The examples of a message.</summary>
    public IEnumerable<(string Message, JsonNode Payload)> Examples =>
        from message in Document["components"]!["messages"]!.AsObject()
        from example in message.Value!["examples"]!.AsArray()
        select (message.Key, example!["payload"]!);

    /// <summary>What is wrong with this payload of a message.</summary>
    public string? FaultOf(string message, JsonElement payload) => Schemas.FaultOf(Document["components"]!["messages"]![message]!["payload"]!, payload);

    /// <summary>Fails unless exactly one message of this channel and direction is so, and notes which.</summary>
    /// <param name="channel">Such as <c>v1</c>.</param>
    /// <param name="action"><c>receive</c>: from a client; <c>send</c>: from the server.</param>
    /// <param name="frame">The frame.</param>
    public void Saw(string channel, string action, JsonElement frame)
    {
        if (FaultOf(channel, action, frame) is { } fault)
        {
            Assert.Fail(fault);
        }
    }

    /// <summary>The same, as a sentence.</summary>
    public string? FaultOf(string channel, string action, JsonElement frame)
    {
        var prefix = $"{channel} {action} ";
        var faults = new List<string>();
        var fitting = new List<string>();
        foreach (var message in Messages.Where(message => message.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var fault = FaultOf(message[prefix.Length..], frame);
            if (fault is null)
            {
                fitting.Add(message);
            }
            else if (message.EndsWith(frame.GetProperty("type").GetString()!, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(fault);
            }
        }

        if (fitting.Count != 1)
        {
            return $"{prefix}{frame.GetProperty("type")} fits {fitting.Count} messages: {string.Join(" | ", faults)}";
        }

        _seen[fitting[0]] = true;
        return null;
    }

    private static string Last(JsonNode reference) => reference["$ref"]!.GetValue<string>().Split('/')[^1];
}
