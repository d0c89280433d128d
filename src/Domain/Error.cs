namespace Im.Domain;

/// <summary>A refusal as a value: a code, and one sentence that may be shown to the client.</summary>
/// <param name="Code">What kind of refusal.</param>
/// <param name="Message">One clear sentence. Never holds a key, a token, a session id or a payload.</param>
public sealed record Error(ErrorCode Code, string Message)
{
    /// <summary>Faults by field (property names, not wire names); null where the refusal is about no field.</summary>
    public IReadOnlyDictionary<string, string[]>? Fields { get; init; }

    /// <summary>The id that is due, with <see cref="ErrorCode.IdGap"/>.</summary>
    public long? Expected { get; init; }

    /// <summary>How long to wait before trying again, where the service knows.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
