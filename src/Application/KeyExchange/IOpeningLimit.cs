using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>How many handshakes a user may open in a while. Calls that repeat or complete one are not counted.</summary>
public interface IOpeningLimit
{
    /// <summary>Whether the user may open one more now.</summary>
    bool Allows(UserId user);

    /// <summary>The user opened one.</summary>
    void Count(UserId user);
}
