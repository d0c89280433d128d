using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>
/// How many handshakes a user may open in a while. Reserved before the exchange and settled after it, so that calls side by
/// side open no more than that; calls that repeat or complete one are not counted.
/// </summary>
public interface IOpeningLimit
{
    /// <summary>Reserves one opening; null if it is reserved, and then <see cref="Settle"/> follows however the call ends. Else how long to wait.</summary>
    TimeSpan? Reserve(UserId user);

    /// <summary>Ends a reservation: it is counted if the call opened a handshake, and else given back.</summary>
    void Settle(UserId user, bool opened);
}
