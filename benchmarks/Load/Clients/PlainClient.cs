using System.Text;

namespace Im.Load.Clients;

/// <summary>A client of the service in plain mode: messages out, messages in, nothing else.</summary>
internal sealed class PlainClient(Place place) : SocketClient(place)
{
    protected override string Path => $"/im/ws?to_user_id={Place.PeerId}&session={Place.Pair.Session}";

    protected override int WriteStart(Span<byte> frame) => Put(frame, "{\"type\":\"msg\",\"data\":\""u8);

    protected override int WriteEnd(Span<byte> frame, long number) => Put(frame, "\"}"u8);

    protected override void Opened() => BecomeReady();

    protected override void Received(ReadOnlySpan<byte> message)
    {
        if (!Field.Text(message, "\"type\":\""u8).SequenceEqual("msg"u8) || Field.Number(message, "\"seq\":"u8) != Place.Pair.Arrived + 1)
        {
            throw new LoadException($"User {Place.UserId}, with {Place.Pair.Arrived} messages arrived, did not expect {Encoding.UTF8.GetString(message)}.");
        }

        Place.Pair.Arrive(Field.Text(message, "\"data\":\""u8), Place.Payload);
    }
}
