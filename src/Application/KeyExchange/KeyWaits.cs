using System.Collections.Concurrent;
using Im.Domain;

namespace Im.Application.KeyExchange;

/// <summary>
/// Counts the held-back answers of this node: at most <see cref="PerUser"/> per user, so that one user cannot hold
/// any number of requests open; and lets all of them go when the node drains.
/// </summary>
public sealed class KeyWaits : IDisposable
{
    /// <summary>Held-back answers per user and node; one more is answered at once.</summary>
    public const int PerUser = 8;

    private readonly ConcurrentDictionary<UserId, int> _waiting = new();
    private readonly CancellationTokenSource _draining = new();

    /// <summary>Cancelled when the node drains: every wait ends with its answer.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Takes one of the user's places; false when all are taken. A place taken is given back by <see cref="Leave"/>.</summary>
    public bool TryEnter(UserId user)
    {
        if (_waiting.AddOrUpdate(user, 1, (_, count) => count + 1) <= PerUser)
        {
            return true;
        }

        Leave(user);
        return false;
    }

    /// <summary>Gives one place back.</summary>
    public void Leave(UserId user)
    {
        // Removing only the zero that was just written keeps the table as small as the number of those who wait.
        if (_waiting.AddOrUpdate(user, 0, (_, count) => count - 1) == 0)
        {
            _waiting.TryRemove(KeyValuePair.Create(user, 0));
        }
    }

    /// <summary>Ends every wait, those to come included.</summary>
    public void Drain() => _draining.Cancel();

    public void Dispose() => _draining.Dispose();
}
