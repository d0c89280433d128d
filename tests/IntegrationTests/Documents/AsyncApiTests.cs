using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Im.IntegrationTests.Documents;

/// <summary>The AsyncAPI document is in form, and says what the protocol says.</summary>
public sealed partial class AsyncApiTests
{
    private static readonly AsyncApi Document = AsyncApi.Read();

    private static readonly string Protocol = File.ReadAllText(Path.Combine(Repository.Root, "docs", "protocol.md")).ReplaceLineEndings("\n");

    [Fact]
    public void It_fits_the_schema_of_AsyncAPI_3()
    {
        var file = Path.Combine(Repository.Root, "clients", "web", "node_modules", "@asyncapi", "specs", "schemas", "3.0.0-without-$id.json");
        Assert.SkipUnless(File.Exists(file), "@asyncapi/specs is not installed: run npm ci in clients/web.");

        var schema = JsonSchema.FromText(File.ReadAllText(file));

        Assert.Null(Schemas.FaultOf(schema, Element(Document.Document)));
    }

    [Fact]
    public void Every_example_fits_its_message_and_no_other_one_of_its_direction()
    {
        Assert.All(Document.Document["components"]!["messages"]!.AsObject(), message => Assert.NotEmpty(message.Value!["examples"]!.AsArray()));
        Assert.All(Document.Examples, example => Assert.Null(Document.FaultOf(example.Message, Element(example.Payload))));
        foreach (var operation in Document.Messages.Select(message => message.Split(' ')))
        {
            Assert.All(
                Document.Examples.Where(example => example.Message == operation[2]),
                example => Document.Saw(operation[0], operation[1], Element(example.Payload)));
        }
    }

    [Fact]
    public void Every_message_and_every_schema_is_used()
    {
        var text = Document.Document.ToJsonString();

        Assert.Equal(
            Document.Document["components"]!["messages"]!.AsObject().Select(message => message.Key).Order(StringComparer.Ordinal),
            Document.Messages.Select(message => message.Split(' ')[2]).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Document.Schemas.Names.Where(name => !text.Contains($"#/components/schemas/{name}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_has_the_frames_of_the_protocol()
    {
        foreach (var (action, from, to) in new[] { ("receive", "### From the client", "### From the server"), ("send", "### From the server", "### Refused frames") })
        {
            var described = Title().Matches(Between(from, to)).Select(match => match.Groups[1].Value);
            var messages = Document.Messages.Where(message => message.StartsWith($"v1 {action} ", StringComparison.Ordinal))
                .Select(message => (string)Document.Document["components"]!["messages"]![message.Split(' ')[2]]!["name"]!);

            Assert.Equal(described.Order(StringComparer.Ordinal), messages.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void It_has_the_codes_of_the_protocol()
    {
        var refusals = Row().Matches(Between("### Refused frames", "### Close codes")).Select(match => match.Groups[1].Value);
        var closes = Row().Matches(Between("### Close codes", "### `GET /ws")).Select(match => match.Groups[1].Value).ToList();
        var examples = Document.Examples.Where(example => example.Message == "error").Select(example => example.Payload["code"]!.ToJsonString());

        Assert.Equal(refusals, Document.Document["components"]!["schemas"]!["error"]!["properties"]!["code"]!["enum"]!.AsArray().Select(code => code!.ToJsonString()));
        Assert.Equal(refusals, examples);
        Assert.All(Document.Document["channels"]!.AsObject(), channel => Assert.Equal(closes, channel.Value!["x-close-codes"]!.AsObject().Select(code => code.Key)));
    }

    [Theory]
    [InlineData("receive", """{"type":"presence","user_id":9,"online":true}""")]
    [InlineData("receive", """{"type":"msg","id":7}""")]
    [InlineData("send", """{"type":"presence","user_id":9,"online":true,"since":5}""")]
    [InlineData("send", """{"type":"sent","seq":"7"}""")]
    [InlineData("send", """{"type":"error","code":40902,"error":"Why.","of":"msg","id":9}""")]
    [InlineData("send", """{"type":"error","code":40002,"error":"Why.","expected":9}""")]
    [InlineData("send", """{"type":"pong"}""")]
    public void A_frame_that_is_not_described_does_not_pass(string action, string frame) =>
        Assert.NotNull(Document.FaultOf("v1", action, JsonElement.Parse(frame)));

    private static string Between(string from, string to)
    {
        var start = Protocol.IndexOf(from, StringComparison.Ordinal);
        return Protocol[start..Protocol.IndexOf(to, start, StringComparison.Ordinal)];
    }

    private static JsonElement Element(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    [GeneratedRegex(@"^\*\*`(\w+)`\*\*$", RegexOptions.Multiline)]
    private static partial Regex Title();

    [GeneratedRegex(@"^\| (\d{4,5}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
