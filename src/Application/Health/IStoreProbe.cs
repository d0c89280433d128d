using Im.Domain;

namespace Im.Application.Health;

/// <summary>Asks the store whether this node can serve.</summary>
public interface IStoreProbe
{
    /// <summary>Whether the store answers and the subscriptions are up; else <see cref="ErrorCode.StoreUnavailable"/> with one sentence that says which of them is not.</summary>
    Task<Result<Done>> ProbeAsync(CancellationToken cancellationToken);
}
