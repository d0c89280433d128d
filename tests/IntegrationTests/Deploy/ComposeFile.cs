using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Deploy;

/// <summary><c>deploy/compose.yaml</c>, with what its services share merged into each.</summary>
internal static class ComposeFile
{
    private static readonly Node Whole = Parse(Repository.Read("deploy", "compose.yaml"));

    /// <summary>All services by name.</summary>
    public static IReadOnlyDictionary<string, Node> Services { get; } = Whole["services"].Entries;

    /// <summary>The services that are nodes: those whose image is built here.</summary>
    public static IEnumerable<KeyValuePair<string, Node>> Nodes => Services.Where(service => service.Value.Has("build"));

    /// <summary>All networks by name.</summary>
    public static IReadOnlyDictionary<string, Node> Networks { get; } = Whole["networks"].Entries;

    /// <summary>Secrets by name, and the files that hold them.</summary>
    public static IReadOnlyDictionary<string, Node> Secrets { get; } = Whole["secrets"].Entries;

    /// <summary>Reads a file in YAML.</summary>
    public static Node Parse(string yaml) => new(Yaml.Parse(yaml));

    /// <summary>Bytes as compose writes them: <c>512m</c>, <c>1gb</c>.</summary>
    public static long Bytes(string text)
    {
        var size = Regex.Match(text, "^([0-9]+)([kmg])b?$");
        return long.Parse(size.Groups[1].Value) << (size.Groups[2].Value switch { "k" => 10, "m" => 20, _ => 30 });
    }

    /// <summary>A value, a list or a map.</summary>
    internal sealed record Node(JsonNode? Value)
    {
        public string Text => Value!.ToString();

        public IReadOnlyList<Node> Items => [.. Value!.AsArray().Select(item => new Node(item))];

        public IReadOnlyDictionary<string, Node> Entries => Value!.AsObject().ToDictionary(entry => entry.Key, entry => new Node(entry.Value));

        /// <summary>The names in it, whether it is a list of them or a map.</summary>
        public IEnumerable<string> Names => Value is JsonArray ? Items.Select(item => item.Text) : Entries.Keys;

        public Node this[string key] => Entries[key];

        public bool Has(string key) => Entries.ContainsKey(key);
    }
}
