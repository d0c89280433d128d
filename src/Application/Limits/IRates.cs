using Im.Domain;

namespace Im.Application.Limits;

/// <summary>Counts what happens on all nodes together.</summary>
public interface IRates
{
    /// <summary>Counts one; one atomic step, by one clock.</summary>
    /// <param name="rate">How often it may happen.</param>
    /// <param name="whose">To whom: a user's id, an address, a name. Nobody who reads the store can tell it from what is kept.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; it may be counted all the same.</param>
    /// <returns>
    /// Zero if it may happen, else how long to wait, and then it is not counted. <see cref="ErrorCode.StoreUnavailable"/> after
    /// a quarter of a second at most, and where the store is full: who asks has a limit of their own for that.
    /// </returns>
    Task<Result<TimeSpan>> TakeAsync(Rate rate, string whose, CancellationToken cancellationToken);
}
