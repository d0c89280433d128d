using Im.Application.KeyExchange;
using Im.Domain;

namespace Im.WebApi.Limits;

/// <summary>How many handshakes a user may open in a minute, on this node.</summary>
internal sealed class OpeningLimit(LimitsOptions options) : IOpeningLimit, IDisposable
{
    private readonly MinuteLimit<UserId> _openings = new(options.OpeningsPerMinute);

    public bool Allows(UserId user) => _openings.Allows(user);

    public void Count(UserId user) => _openings.Count(user);

    public void Dispose() => _openings.Dispose();
}
