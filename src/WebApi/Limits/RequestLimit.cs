using Im.Application.Limits;

namespace Im.WebApi.Limits;

/// <summary>How many calls, upgrades included, a user may make in a minute, on all nodes together.</summary>
internal sealed class RequestLimit(LimitsOptions options, IRates rates, TimeProvider clock)
{
    /// <summary>Counts a user's calls.</summary>
    internal SharedRate Rate { get; } = new("requests", options.RequestsPerMinute, rates, clock);
}
