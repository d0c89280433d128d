using Im.WebApi.Telemetry;

namespace Im.WebApi.Messaging;

/// <summary>
/// Measures how long this connection's messages take until they are delivered: one at a time, as TCP measures its round trips,
/// so that it costs nothing per message and no memory however many are under way. Not thread-safe: the owner holds its lock.
/// </summary>
internal sealed class DeliveryTime(TimeProvider clock)
{
    private long _seq;
    private long _acceptedAt;

    /// <summary>The store has a message. Measured, unless an earlier one still is.</summary>
    public void Accepted(long seq, long delivered)
    {
        if (_seq == 0 && seq > delivered)
        {
            (_seq, _acceptedAt) = (seq, clock.GetTimestamp());
        }
    }

    /// <summary>Everything up to here is delivered.</summary>
    public void Delivered(long seq)
    {
        if (_seq != 0 && seq >= _seq)
        {
            _seq = 0;
            NodeMetrics.DeliveredAfter(clock.GetElapsedTime(_acceptedAt));
        }
    }
}
