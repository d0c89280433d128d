using System.Buffers.Binary;
using System.Text;
using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>A side that speaks MQTT 3.1.1 with QoS 1 to a broker: one topic per user, PUBACK in both directions.</summary>
internal sealed class MqttClient(Place place) : Link(place.Loop), IClient
{
    private const byte Connack = 0x20;
    private const byte Publish = 0x30;
    private const byte Puback = 0x40;
    private const byte Suback = 0x90;
    private const byte Pingresp = 0xD0;

    private static readonly long s_pingInterval = Loop.Ticks(TimeSpan.FromSeconds(15));

    private readonly byte[] _peerTopic = Encoding.ASCII.GetBytes($"im/{place.PeerId}");
    private long _written;
    private long _acknowledged;

    public bool IsReady { get; private set; }

    public bool IsSettled => _acknowledged == _written;

    public void Open()
    {
        IsReady = false;
        Connect(place.Port, place.From);
    }

    public void Drop()
    {
        IsReady = false;
        Abort();
    }

    public void Write(long stamp)
    {
        _written++;
        var length = 2 + _peerTopic.Length + 2 + place.Payload;
        AppendHead(Publish | 0x02, length);
        AppendText(_peerTopic);
        AppendNumber(PacketId(_written));
        place.Pair.Fill(Loop.Output.Take(place.Payload), stamp);
    }

    public void Send() => Flush();

    internal override void Tick(long now)
    {
        if (IsReady && now - LastSent > s_pingInterval)
        {
            AppendHead(0xC0, 0);
            Flush();
        }
    }

    protected override void Connected()
    {
        var name = Encoding.ASCII.GetBytes($"u{place.UserId}");

        // CONNECT: protocol MQTT, level 4, a clean session, kept alive for 30 s.
        AppendHead(0x10, 10 + 2 + name.Length);
        AppendText("MQTT"u8);
        Loop.Output.Append([4, 2, 0, 30]);
        AppendText(name);
        Flush();
    }

    protected override int Read(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (IsConnected && TryRead(bytes[taken..], out var start, out var length))
        {
            Take(bytes[taken], bytes.Slice(taken + start, length));
            taken += start + length;
        }

        if (Loop.Output.Length > 0)
        {
            Flush();
        }

        return taken;
    }

    protected override void Lost(string why)
    {
        if (!IsReady)
        {
            place.Events.WasRefused(this, why);
            return;
        }

        throw new LoadException($"User {place.UserId} lost the connection: {why}.");
    }

    private void Take(byte head, ReadOnlySpan<byte> packet)
    {
        switch (head & 0xF0)
        {
            case Publish:
                var topic = BinaryPrimitives.ReadUInt16BigEndian(packet);
                AppendHead(Puback, 2);
                Loop.Output.Append(packet.Slice(2 + topic, 2));
                place.Pair.Arrive(packet[(2 + topic + 2)..], place.Payload);
                break;
            case Puback when BinaryPrimitives.ReadUInt16BigEndian(packet) == PacketId(_acknowledged + 1):
                _acknowledged++;
                break;
            case Connack when packet[1] == 0:
                Subscribe();
                break;
            case Suback when packet[2] == 1:
                IsReady = true;
                place.Events.BecameReady(this);
                break;
            case Pingresp:
                break;
            default:
                throw new LoadException($"User {place.UserId} did not expect the MQTT packet {head:X2} {Convert.ToHexString(packet)}.");
        }
    }

    private void Subscribe()
    {
        var topic = Encoding.ASCII.GetBytes($"im/{place.UserId}");
        AppendHead(0x82, 2 + 2 + topic.Length + 1);
        AppendNumber(1);
        AppendText(topic);
        Loop.Output.Append([1]);
    }

    private static ushort PacketId(long number) => (ushort)(((number - 1) % ushort.MaxValue) + 1);

    private void AppendHead(byte first, int length)
    {
        Loop.Output.Append([first]);
        do
        {
            Loop.Output.Append([(byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0))]);
            length >>= 7;
        }
        while (length > 0);
    }

    private void AppendNumber(ushort number) => BinaryPrimitives.WriteUInt16BigEndian(Loop.Output.Take(2), number);

    private void AppendText(ReadOnlySpan<byte> text)
    {
        AppendNumber((ushort)text.Length);
        Loop.Output.Append(text);
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out int start, out int length)
    {
        length = 0;
        for (start = 1; start < bytes.Length; start++)
        {
            length |= (bytes[start] & 0x7F) << (7 * (start - 1));
            if ((bytes[start] & 0x80) == 0)
            {
                start++;
                return bytes.Length - start >= length;
            }
        }

        return false;
    }
}
