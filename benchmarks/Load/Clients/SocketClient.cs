using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>A side that speaks over a websocket.</summary>
internal abstract class SocketClient(Place place) : WebSocketLink(place.Loop), IClient
{
    private readonly byte[] _frame = new byte[place.Payload + 128];

    public bool IsReady { get; private set; }

    public virtual bool IsSettled => true;

    protected Place Place => place;

    protected abstract string Path { get; }

    protected virtual string? Subprotocol => null;

    public virtual void Open()
    {
        IsReady = false;
        Open(place.Port, place.From, Path, place.Token, Subprotocol);
    }

    public void Drop()
    {
        IsReady = false;
        Abort();
    }

    public void Write(long stamp)
    {
        var start = WriteStart(_frame);
        var number = place.Pair.Fill(_frame.AsSpan(start, place.Payload), stamp);
        start += place.Payload;
        AppendText(_frame.AsSpan(0, start + WriteEnd(_frame.AsSpan(start), number)));
    }

    public void Send() => Flush();

    /// <summary>Writes what stands before the payload; returns its length.</summary>
    protected abstract int WriteStart(Span<byte> frame);

    /// <summary>Writes what stands behind the payload; returns its length.</summary>
    /// <param name="number">The message's number.</param>
    protected abstract int WriteEnd(Span<byte> frame, long number);

    protected void BecomeReady()
    {
        IsReady = true;
        place.Events.BecameReady(this);
    }

    protected override void Refused(int status) => place.Events.WasRefused(this, $"the upgrade was answered with status {status}");

    protected override void Lost(string why)
    {
        if (!IsReady)
        {
            place.Events.WasRefused(this, why);
            return;
        }

        throw new LoadException($"User {place.UserId} lost the connection: {why}.");
    }

    /// <summary>Writes text at the front; returns its length.</summary>
    protected static int Put(Span<byte> frame, ReadOnlySpan<byte> text)
    {
        text.CopyTo(frame);
        return text.Length;
    }
}
