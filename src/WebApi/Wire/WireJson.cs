using System.Text.Json.Serialization;
using Im.WebApi.Accounts;
using Im.WebApi.Health;
using Im.WebApi.KeyExchange;
using Im.WebApi.Page;

namespace Im.WebApi.Wire;

/// <summary>How every REST answer is written: snake_case, absent where there is nothing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Success<Nothing>))]
[JsonSerializable(typeof(Success<KeyAnswer>))]
[JsonSerializable(typeof(Success<SessionAnswer>))]
[JsonSerializable(typeof(Success<SignedInAnswer>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ServerAnswer))]
internal sealed partial class WireJson : JsonSerializerContext;
