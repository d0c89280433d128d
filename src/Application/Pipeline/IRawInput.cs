namespace Im.Application.Pipeline;

/// <summary>A command made of what a client wrote. The edge reports here what it could not even read as the field's type.</summary>
public interface IRawInput
{
    /// <summary>One sentence by property name; empty when everything could be read. A field named here is null in the command.</summary>
    IReadOnlyDictionary<string, string> Unreadable { get; }
}
