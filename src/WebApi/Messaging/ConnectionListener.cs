using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>
/// Hears what is published for a connection from before it is claimed on, and keeps it until there is a connection to tell.
/// Keeps so much and no more; what is dropped is found by the sweep.
/// </summary>
internal sealed class ConnectionListener : ISessionListener
{
    private const int MaxKept = 64;

    private readonly Lock _lock = new();
    private readonly List<SessionEvent> _kept = [];
    private SocketConnection? _connection;
    private bool _dropped;

    public void OnEvent(SessionEvent sessionEvent)
    {
        lock (_lock)
        {
            if (_connection is null)
            {
                _dropped |= _kept.Count == MaxKept;
                if (_kept.Count < MaxKept)
                {
                    _kept.Add(sessionEvent);
                }

                return;
            }
        }

        _connection.OnEvent(sessionEvent);
    }

    /// <summary>From now on the connection hears everything, first what was kept.</summary>
    public void Bind(SocketConnection connection)
    {
        SessionEvent[] kept;
        lock (_lock)
        {
            _connection = connection;
            kept = [.. _kept];
            _kept.Clear();
        }

        Array.ForEach(kept, connection.OnEvent);
        if (_dropped)
        {
            _ = connection.TouchAsync();
        }
    }
}
