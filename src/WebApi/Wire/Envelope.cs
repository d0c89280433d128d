using System.Text.Json.Serialization;
using Im.Domain;

namespace Im.WebApi.Wire;

/// <summary>What every successful REST call answers.</summary>
/// <param name="Data">What was asked for.</param>
internal sealed record Success<T>(T Data)
    where T : class
{
    [JsonPropertyOrder(-2)]
    public int Code { get; }

    [JsonPropertyOrder(-1)]
    public string Message { get; init; } = "success";
}

/// <summary>What every refused REST call answers, with the status that <paramref name="Code"/> starts with.</summary>
/// <param name="Code">The number of the refusal in the protocol's table.</param>
/// <param name="Error">One clear sentence.</param>
/// <param name="Errors">Faults by field, in wire names; absent where the refusal is about no field.</param>
internal sealed record Failure([property: JsonPropertyOrder(-2)] int Code, string Error, IReadOnlyDictionary<string, string[]>? Errors = null)
{
    [JsonPropertyOrder(-1)]
    public string Message { get; init; } = "failed";

    public static implicit operator Failure(WireRefusal refusal) => new(refusal.Number, refusal.Sentence);

    public static implicit operator Failure(Error error) => new(
        ErrorMap.NumberOf(error.Code), error.Message, error.Fields?.ToDictionary(field => Answers.WireNameOf(field.Key), field => field.Value));
}

/// <summary>The data of a call that has nothing to say but that it worked.</summary>
internal sealed record Nothing;
