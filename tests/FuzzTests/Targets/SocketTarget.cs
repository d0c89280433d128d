using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using Im.FuzzTests.Engine;
using Im.WebApi.Messaging;

namespace Im.FuzzTests.Targets;

/// <summary>Bytes of the websocket protocol (RFC 6455) as a client sends them: headers, masks, fragments, control frames; up to the text of a frame; beside a slow reader of the same rules.</summary>
internal sealed class SocketTarget : FuzzTarget
{
    /// <summary>So low that inputs go beyond it.</summary>
    private const int MaxFrame = 300;

    public override string Name => "socket";

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0x81, 0x80, 0, 0, 0, 0], [0x01, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0], [0x82, 0x80, 0, 0, 0, 0], [0x89, 0x80, 0, 0, 0, 0], [0x8a, 0x80, 0, 0, 0, 0],
        [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8], [0x81, 0x81, 0, 0, 0, 0, 0x61], [0x81, 0xfe, 1, 0x2c, 0, 0, 0, 0], [0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [0xc1, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [0xf0, 0x9f, 0x98, 0x80], [0xed, 0xa0, 0x80],
    ];

    public override long MaxAllocated(int length) => 32_768 + (64L * length);

    public override int Run(byte[] input)
    {
        using var stream = new Duplex(input);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var receiver = new FrameReceiver(socket, MaxFrame);
        var slow = new SlowSocketReader(input, MaxFrame);
        var expected = Aside(slow.Read);
        var outcome = 17;
        var messages = 0;
        try
        {
            while (socket.State is WebSocketState.Open)
            {
                Holds(++messages <= input.Length + 1, "It finds more messages than there are bytes.");
                var waiting = receiver.ReceiveAsync(CancellationToken.None).AsTask();
                Holds(waiting.IsCompleted, "It waits although all bytes are there.");
                using var received = waiting.GetAwaiter().GetResult();
                var text = received.Type is FrameReceiver.Kind.Text ? Encoding.UTF8.GetString(received.Text.Span) : "";
                Holds(messages <= expected.Count && expected[messages - 1] == (received.Type, text), $"Message {messages} is another one for the slow reader.");
                Holds(received.Type is not FrameReceiver.Kind.Text || (received.Text.Length <= MaxFrame && Utf8.IsValid(received.Text.Span)), "A text is too long, or none.");
                Holds(received.Type is FrameReceiver.Kind.Text || received.Text.IsEmpty, "What is no text has some.");
                if (received.Type is FrameReceiver.Kind.NoText)
                {
                    break; // The connection closes; the platform still has the open character.
                }

                outcome = (outcome * 31) + ((int)received.Type * 8) + (received.Text.IsEmpty ? 0 : 1);
            }
        }
        catch (WebSocketException fault)
        {
            outcome = (outcome * 31) + 100 + (int)fault.WebSocketErrorCode;
            messages--; // The one that was waited for and did not come.
        }

        // A goodbye may be refused for its code or reason; a character that is cut off is the platform's to find.
        var mayMiss = slow.IsCutOff || expected is [.., (FrameReceiver.Kind.Closed or FrameReceiver.Kind.NoText, _)];
        Holds(messages >= expected.Count - (mayMiss ? 1 : 0), "It misses messages that the slow reader finds.");
        Holds(stream.Answered <= input.Length + 256, "It answers more than it got.");
        return messages > 4 ? outcome % 509 : outcome;
    }

    /// <summary>The client has sent all of these, and is gone.</summary>
    private sealed class Duplex(byte[] input) : MemoryStream(input, writable: false)
    {
        public long Answered { get; private set; }

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Answered += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Answered += buffer.Length;
    }
}
