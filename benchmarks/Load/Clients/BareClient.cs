namespace Im.Load.Clients;

/// <summary>A client of the bare relay: it gets the other side's frames as they are.</summary>
internal sealed class BareClient(Place place) : SocketClient(place)
{
    protected override string Path => $"/ws?to_user_id={Place.PeerId}";

    protected override int WriteStart(Span<byte> frame) => Put(frame, "{\"type\":\"msg\",\"data\":\""u8);

    protected override int WriteEnd(Span<byte> frame, long number) => Put(frame, "\"}"u8);

    protected override void Opened()
    {
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        if (!IsReady && Field.Text(message, "\"type\":\""u8).SequenceEqual("ready"u8))
        {
            BecomeReady();
            return;
        }

        Place.Pair.Arrive(Field.Text(message, "\"data\":\""u8), Place.Payload);
    }
}
