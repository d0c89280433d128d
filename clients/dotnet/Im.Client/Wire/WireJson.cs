using System.Text.Json.Serialization;
using Im.Client.Accounts;
using Im.Client.Messaging;

namespace Im.Client.Wire;

/// <summary>JSON of the protocol: snake_case, without reflection. Unknown fields are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Credentials))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(Envelope<SignedIn>))]
[JsonSerializable(typeof(Envelope<KeyAnswer>))]
[JsonSerializable(typeof(Envelope<Nothing>))]
[JsonSerializable(typeof(Claims))]
[JsonSerializable(typeof(ServerFrame))]
[JsonSerializable(typeof(SignalText))]
[JsonSerializable(typeof(AuthFrame))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>Every REST answer.</summary>
internal sealed record Envelope<T>(int? Code, T? Data, Dictionary<string, string[]>? Errors)
    where T : class
{
    public override string ToString() => "[redacted]";
}

internal sealed record Nothing;

internal sealed record Credentials(string? Username, string? Email, string Password)
{
    public override string ToString() => "[redacted]";
}

internal sealed record SignedIn(string? Token, long Id, long ExpiresAt)
{
    public override string ToString() => "[redacted]";
}

internal sealed record KeyRequest(long ToUserId, int WaitSeconds, string? PublicKey);

internal sealed record KeyAnswer(string? ImKey, long FromUserId, long ToUserId, string? ImSession, int IsRead, long ExpiresIn, string? PublicKey, string? PeerPublicKey)
{
    public override string ToString() => "[redacted]";
}
