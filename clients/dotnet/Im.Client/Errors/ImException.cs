using System.Collections.Frozen;

namespace Im.Client;

/// <summary>What went wrong, in a sentence that says what to do next. Holds no key, token, session id or text of a message.</summary>
public sealed class ImException : Exception
{
    internal static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoFields = FrozenDictionary<string, IReadOnlyList<string>>.Empty;

    internal ImException(ImErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What kind of thing went wrong.</summary>
    public ImErrorKind Kind { get; }

    /// <summary>The number of the refusal in the protocol's table, or the close code; null where the server said none.</summary>
    public int? Code { get; internal init; }

    /// <summary>How long to wait before trying again, where the server said so.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>With <see cref="ImErrorKind.InvalidInput"/>: faults by field, in the protocol's names. Empty otherwise.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FieldErrors { get; internal init; } = NoFields;
}
