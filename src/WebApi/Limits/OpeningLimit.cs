using Im.Application.KeyExchange;
using Im.Domain;

namespace Im.WebApi.Limits;

/// <summary>How many handshakes a user may open in a minute, on this node.</summary>
internal sealed class OpeningLimit(LimitsOptions options) : IOpeningLimit, IDisposable
{
    private readonly MinuteLimit<UserId> _openings = new(options.OpeningsPerMinute);

    // Calls under way by user. An entry leaves with its last call, so there are no more than requests at this moment.
    private readonly Dictionary<UserId, int> _reserved = [];
    private readonly Lock _lock = new();

    /// <summary>Users of whom a call is under way.</summary>
    internal int Users
    {
        get
        {
            lock (_lock)
            {
                return _reserved.Count;
            }
        }
    }

    public TimeSpan? Reserve(UserId user)
    {
        lock (_lock)
        {
            var reserved = _reserved.GetValueOrDefault(user);
            if (_openings.Available(user) <= reserved)
            {
                return _openings.Period;
            }

            _reserved[user] = reserved + 1;
            return null;
        }
    }

    public void Settle(UserId user, bool opened)
    {
        lock (_lock)
        {
            if (opened)
            {
                _openings.Count(user);
            }

            if (--_reserved[user] == 0)
            {
                _reserved.Remove(user);
            }
        }
    }

    public void Dispose() => _openings.Dispose();
}
