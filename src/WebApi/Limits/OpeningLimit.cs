using Im.Application.KeyExchange;
using Im.Application.Limits;
using Im.Domain;

namespace Im.WebApi.Limits;

/// <summary>How many handshakes a user may open in a minute, on all nodes together.</summary>
internal sealed class OpeningLimit(LimitsOptions options, IRates rates, TimeProvider clock) : IOpeningLimit
{
    private readonly SharedRate _openings = new("openings", options.OpeningsPerMinute, rates, clock);

    public bool IsLimited => _openings.IsLimited;

    public ValueTask<TimeSpan?> TakeAsync(UserId user, CancellationToken cancellationToken) => _openings.TakeAsync($"{user}", cancellationToken);
}
