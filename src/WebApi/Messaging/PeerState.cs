using Im.Application.Messaging;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>What a connection knows of the peer, whether they are there and whether they opened a handshake, and what of it the client was not told yet. Not thread-safe: the owner holds its lock.</summary>
internal sealed class PeerState(SessionProgress atAttach)
{
    private bool _isPresenceDue = true;
    private bool _isHandshakeDue = atAttach.PeerHandshake is not null;
    private bool _online = atAttach.PeerOnline;

    /// <summary>The latest connection whose goodbye was heard.</summary>
    private long _goneEpoch;

    /// <summary>The peer's latest connection.</summary>
    public long Epoch { get; private set; } = atAttach.PeerEpoch;

    private SessionId? Handshake { get; set; } = atAttach.PeerHandshake;

    /// <summary>Notices may come out of order: an older connection's goodbye says nothing about the newer one.</summary>
    public void Offer(SessionEvent.PresenceChanged change)
    {
        if (!change.Online)
        {
            _goneEpoch = Math.Max(_goneEpoch, change.Epoch);
        }

        if (change.Epoch > Epoch || (change.Epoch == Epoch && !change.Online))
        {
            Set(change.Epoch, change.Online);
        }
    }

    /// <summary>The sweep's answer: whatever no publication told.</summary>
    public void Learn(SessionProgress progress)
    {
        if (progress.PeerEpoch >= Epoch)
        {
            // A goodbye may have overtaken the sweep's answer, and is final for its connection.
            Set(progress.PeerEpoch, progress.PeerOnline && progress.PeerEpoch > _goneEpoch);
        }

        _isHandshakeDue |= progress.PeerHandshake is not null && progress.PeerHandshake != Handshake;
        Handshake = progress.PeerHandshake;
    }

    /// <summary>Whether the peer is there, if the client is to be told: first of all on connecting, then when it changes.</summary>
    public bool TryTakePresence(out bool online)
    {
        online = _online;
        var due = _isPresenceDue;
        _isPresenceDue = false;
        return due;
    }

    /// <summary>Whether the client is to be told of a new handshake; once for each.</summary>
    public bool TryTakeHandshake()
    {
        var due = _isHandshakeDue;
        _isHandshakeDue = false;
        return due;
    }

    private void Set(long epoch, bool online)
    {
        Epoch = epoch;
        _isPresenceDue |= online != _online;
        _online = online;
    }
}
