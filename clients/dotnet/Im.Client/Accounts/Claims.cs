using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Im.Client.Accounts;

/// <summary>The claims of a token that a client looks at.</summary>
/// <param name="Id">The user: a number, or digits.</param>
/// <param name="Exp">Unix seconds; may have a fraction.</param>
internal sealed record Claims(JsonElement Id, [property: JsonPropertyName("exp")] double? Exp)
{
    /// <summary>The user's number; null where the claim is none.</summary>
    [JsonIgnore]
    public long? UserId => Id.ValueKind switch
    {
        JsonValueKind.Number when Id.TryGetInt64(out var number) && Users.IsUser(number) => number,
        JsonValueKind.String when long.TryParse(Id.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Users.IsUser(number) => number,
        _ => null,
    };
}
