using System.Globalization;
using System.Text.Json;

namespace Im.WebApi.Wire;

/// <summary>One value as the client wrote it.</summary>
/// <param name="Kind">Its JSON kind; <see cref="JsonValueKind.Undefined"/> in a form or an address, where all values are text.</param>
/// <param name="Text">A string's text, or the JSON as written.</param>
internal readonly record struct Field(JsonValueKind Kind, string Text)
{
    /// <summary>Prints nothing: it may be a password.</summary>
    public override string ToString() => "[redacted]";
}

/// <summary>
/// The fields of a request, asked for by the command's property names. What is there but cannot be read as its type is kept
/// in <see cref="Unreadable"/>, so that the command's validation reports it together with every other fault.
/// </summary>
public sealed class Fields
{
    private readonly IReadOnlyDictionary<string, Field> _values;
    private readonly Dictionary<string, string> _unreadable = [];

    internal Fields(IReadOnlyDictionary<string, Field> values) => _values = values;

    internal static Fields None => new(new Dictionary<string, Field>());

    /// <summary>One sentence by property name; grows as fields are asked for, so a command takes it last.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => _unreadable;

    /// <summary>The fields that an address and its query give.</summary>
    internal static Fields Of(params IEnumerable<(string Name, string? Value)> values) => new(values
        .Where(value => value.Value is not null)
        .ToDictionary(value => value.Name, value => new Field(JsonValueKind.Undefined, value.Value!)));

    /// <summary>These fields and those of the address, which win: nobody reads a body to see whom a path names.</summary>
    internal Fields With(params IEnumerable<(string Name, string? Value)> address)
    {
        var all = new Dictionary<string, Field>(_values);
        foreach (var (name, field) in Of(address)._values)
        {
            all[name] = field;
        }

        return new Fields(all);
    }

    /// <summary>A whole number in its one spelling; null if it is absent or, then named in <see cref="Unreadable"/>, something else.</summary>
    /// <param name="property">The command's property: <c>ToUserId</c> is <c>to_user_id</c> on the wire.</param>
#pragma warning disable CA1720 // An integer is what the protocol calls it.
    public long? Integer(string property)
#pragma warning restore CA1720
    {
        if (!TryGet(property, out var field))
        {
            return null;
        }

        if (field.Kind is JsonValueKind.Number or JsonValueKind.Undefined
            && long.TryParse(field.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == field.Text)
        {
            return number; // In its one spelling: 007 and +7 are refused wherever an integer stands.
        }

        _unreadable[property] = "The field is an integer.";
        return null;
    }

    /// <summary>Text as it was written, empty text in JSON included; null if it is absent or, then named in <see cref="Unreadable"/>, something else.</summary>
    /// <param name="property">The command's property: <c>ToUserId</c> is <c>to_user_id</c> on the wire.</param>
    public string? Text(string property)
    {
        if (!TryGet(property, out var field))
        {
            return null;
        }

        if (field.Kind is JsonValueKind.String or JsonValueKind.Undefined)
        {
            return field.Text;
        }

        _unreadable[property] = "The field is text.";
        return null;
    }

    // A form cannot say null: an empty value is an absent one.
    private bool TryGet(string property, out Field field) =>
        _values.TryGetValue(Answers.WireNameOf(property), out field)
        && field is not { Kind: JsonValueKind.Null } and not { Kind: JsonValueKind.Undefined, Text: "" };
}
