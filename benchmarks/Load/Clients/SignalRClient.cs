using System.Text;
using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>A client of a SignalR hub: the JSON hub protocol on a websocket, negotiation skipped.</summary>
internal sealed class SignalRClient(Place place) : SocketClient(place)
{
    private const byte RecordEnd = 0x1E;

    // What SignalR's own clients do; the server gives up after 30 s of silence.
    private static readonly long s_pingInterval = Loop.Ticks(TimeSpan.FromSeconds(15));

    private readonly byte[] _start = Encoding.ASCII.GetBytes($"{{\"type\":1,\"target\":\"Send\",\"arguments\":[\"{place.PeerId}\",\"");

    protected override string Path => "/hub";

    internal override void Tick(long now)
    {
        if (IsReady && now - LastSent > s_pingInterval)
        {
            AppendText("{\"type\":6}\u001e"u8);
            Send();
        }
    }

    protected override int WriteStart(Span<byte> frame) => Put(frame, _start);

    protected override int WriteEnd(Span<byte> frame, long number) => Put(frame, "\"]}\u001e"u8);

    protected override void Opened()
    {
        AppendText("{\"protocol\":\"json\",\"version\":1}\u001e"u8);
        Send();
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        while (message.IndexOf(RecordEnd) is var end and >= 0)
        {
            Take(message[..end]);
            message = message[(end + 1)..];
        }

        if (!message.IsEmpty)
        {
            throw new LoadException("A SignalR message did not end with its record.");
        }
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        if (record.StartsWith("{\"type\":1,\"target\":\"msg\","u8))
        {
            Place.Pair.Arrive(Field.Text(record, "\"arguments\":[\""u8), Place.Payload);
        }
        else if (!IsReady && record.StartsWith("{\"type\":1,\"target\":\"ready\","u8))
        {
            BecomeReady();
        }
        else if (!record.SequenceEqual("{\"type\":6}"u8) && (IsReady || !record.SequenceEqual("{}"u8)))
        {
            throw new LoadException($"User {Place.UserId} did not expect {Encoding.UTF8.GetString(record)}.");
        }
    }
}
