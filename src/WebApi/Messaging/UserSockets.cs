using System.Collections.Concurrent;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>
/// Counts the sockets of each user on this node, from before they are claimed until they have ended: one user, however many
/// peers agree with them, cannot take a node for themselves. Thread-safe.
/// </summary>
internal sealed class UserSockets
{
    private readonly ConcurrentDictionary<UserId, int> _open = new();

    /// <summary>Users who have a socket at this moment.</summary>
    public int Users => _open.Count;

    /// <summary>Takes a place, which <see cref="Leave"/> gives back; false: the user has as many as they may have.</summary>
    /// <param name="user">Who connects.</param>
    /// <param name="max">How many they may have; 0: any number.</param>
    public bool TryEnter(UserId user, int max)
    {
        if (_open.AddOrUpdate(user, 1, static (_, count) => count + 1) <= max || max == 0)
        {
            return true;
        }

        Leave(user);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(UserId user)
    {
        // Removing only the zero that was just written keeps the table as small as the number of those who are here.
        if (_open.AddOrUpdate(user, 0, static (_, count) => count - 1) == 0)
        {
            _open.TryRemove(KeyValuePair.Create(user, 0));
        }
    }
}
