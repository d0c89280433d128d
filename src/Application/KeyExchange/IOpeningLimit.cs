using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>
/// How many handshakes a user may open in a while. Asked only by a call that has found none: those that repeat or complete
/// one are not counted, and cost no question.
/// </summary>
public interface IOpeningLimit
{
    /// <summary>Whether anybody is limited; if not, there is no need to look whether a call would open one.</summary>
    bool IsLimited { get; }

    /// <summary>
    /// Counts one opening, before it happens; null if it may happen, else how long to wait. What ends without an answer, or finds
    /// that the other side has just opened one, stays counted: it asked for an opening.
    /// </summary>
    ValueTask<TimeSpan?> TakeAsync(UserId user, CancellationToken cancellationToken);
}
