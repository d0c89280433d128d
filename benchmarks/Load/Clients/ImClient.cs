using System.Buffers.Text;
using System.Text;

namespace Im.Load.Clients;

/// <summary>A client of the service in <c>im.v1</c>: counts, is told <c>sent</c> and <c>delivered</c>, acknowledges.</summary>
internal sealed class ImClient(Place place) : SocketClient(place)
{
    private long _stored;
    private long _delivered;
    private long _acknowledged;

    public override bool IsSettled => !Place.IsSender || (_stored == Place.Pair.Sent && _delivered == Place.Pair.Sent);

    protected override string Path => $"/im/ws?to_user_id={Place.PeerId}&session={Place.Pair.Session}&seen={(Place.IsSender ? 0 : Place.Pair.Arrived)}";

    protected override string? Subprotocol => "im.v1";

    protected override int WriteStart(Span<byte> frame) => Put(frame, "{\"type\":\"msg\",\"data\":\""u8);

    protected override int WriteEnd(Span<byte> frame, long number)
    {
        var length = Put(frame, "\",\"id\":"u8);
        Utf8Formatter.TryFormat(number, frame[length..], out var digits);
        frame[length + digits] = (byte)'}';
        return length + digits + 1;
    }

    protected override void Opened()
    {
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        var type = Field.Text(message, "\"type\":\""u8);
        if (type.SequenceEqual("msg"u8))
        {
            Arrive(message);
        }
        else if (type.SequenceEqual("sent"u8))
        {
            Store(message);
        }
        else if (type.SequenceEqual("delivered"u8))
        {
            var delivered = Field.Number(message, "\"seq\":"u8);
            _delivered = delivered > _delivered && delivered <= Place.Pair.Arrived ? delivered : throw Unexpected(message);
        }
        else if (type.SequenceEqual("ready"u8))
        {
            BecomeReady();
        }
        else if (!type.SequenceEqual("presence"u8))
        {
            throw Unexpected(message);
        }
    }

    protected override void AllRead()
    {
        if (Place.IsSender || Place.Pair.Arrived == _acknowledged)
        {
            return;
        }

        _acknowledged = Place.Pair.Arrived;
        Span<byte> frame = stackalloc byte[48];
        var length = Put(frame, "{\"type\":\"ack\",\"seq\":"u8);
        Utf8Formatter.TryFormat(_acknowledged, frame[length..], out var digits);
        frame[length + digits] = (byte)'}';
        AppendText(frame[..(length + digits + 1)]);
        Send();
    }

    private void Arrive(ReadOnlySpan<byte> message)
    {
        if (Field.Number(message, "\"seq\":"u8) != Place.Pair.Arrived + 1 || Field.Number(message, "\"id\":"u8) != Place.Pair.Arrived + 1)
        {
            throw Unexpected(message);
        }

        Place.Pair.Arrive(Field.Text(message, "\"data\":\""u8), Place.Payload);
    }

    private void Store(ReadOnlySpan<byte> message)
    {
        _stored++;
        if (Field.Number(message, "\"id\":"u8) != _stored || Field.Number(message, "\"seq\":"u8) != _stored || message.IndexOf("\"duplicate\""u8) >= 0)
        {
            throw Unexpected(message);
        }
    }

    private LoadException Unexpected(ReadOnlySpan<byte> message) =>
        new($"User {Place.UserId}, with {Place.Pair.Arrived} messages arrived and {_stored} stored, did not expect {Encoding.UTF8.GetString(message)}.");
}
