using System.Text.Json;

namespace Im.Cli.Output;

/// <summary>One thing that a command tells: a line of JSON, or a sentence for people.</summary>
/// <param name="Type">The field <c>type</c> in JSON.</param>
internal abstract record Report(string Type)
{
    /// <summary>What people read on the error stream; null: nothing is said.</summary>
    public abstract string? Sentence { get; }

    /// <summary>Writes the fields besides <c>type</c>.</summary>
    public abstract void WriteFields(Utf8JsonWriter json);
}
