using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Im.IntegrationTests.Documents;

/// <summary>Schemas that a document keeps by name, made strict: what is not described is a fault.</summary>
internal sealed class Schemas
{
    private readonly JsonObject _definitions;
    private readonly string _prefix;
    private readonly Dictionary<string, JsonSchema> _built = [];

    /// <param name="definitions">The schemas by name.</param>
    /// <param name="prefix">How the document refers to them, such as <c>#/components/schemas/</c>.</param>
    public Schemas(JsonObject definitions, string prefix)
    {
        _prefix = prefix;
        _definitions = (JsonObject)Strict(definitions.DeepClone())!;
    }

    public IEnumerable<string> Names => _definitions.Select(definition => definition.Key);

    /// <summary>What is wrong with this value; null: it is as the schema says.</summary>
    public string? FaultOf(JsonNode schema, JsonElement value)
    {
        var text = Strict(schema.DeepClone())!.ToJsonString();
        if (!_built.TryGetValue(text, out var built))
        {
            var whole = JsonNode.Parse(text)!.AsObject();
            whole["$schema"] = "https://json-schema.org/draft/2020-12/schema";
            whole["$defs"] = _definitions.DeepClone();
            _built[text] = built = JsonSchema.FromText(whole.ToJsonString());
        }

        return FaultOf(built, value);
    }

    /// <summary>The same by the schema's name.</summary>
    public string? FaultOf(string name, JsonElement value) => FaultOf(new JsonObject { ["$ref"] = _prefix + name }, value);

    public static string? FaultOf(JsonSchema schema, JsonElement value)
    {
        var result = schema.Evaluate(value, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid
            ? null
            : string.Join("; ", (result.Details ?? []).Where(detail => detail.Errors is not null)
                .SelectMany(detail => detail.Errors!.Select(fault => $"{detail.InstanceLocation}: {fault.Value}")).DefaultIfEmpty("is not valid"));
    }

    private JsonNode? Strict(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                {
                    Strict(item);
                }

                break;
            case JsonObject schema:
                foreach (var (_, value) in schema.ToList())
                {
                    Strict(value);
                }

                if (schema["$ref"] is JsonValue reference)
                {
                    schema["$ref"] = reference.GetValue<string>().Replace(_prefix, "#/$defs/", StringComparison.Ordinal);
                }

                // A property may be called "properties"; only an object with a type is a schema of objects.
                if (schema["type"] is JsonValue type && type.GetValueKind() is JsonValueKind.String && type.GetValue<string>() == "object" && !schema.ContainsKey("additionalProperties"))
                {
                    schema["additionalProperties"] = false;
                }

                break;
            default:
                break;
        }

        return node;
    }
}
