using System.Net.WebSockets;

namespace Im.IntegrationTests.Harness;

/// <summary>Reads the messages of a websocket whole, in however many parts they come.</summary>
/// <param name="socket">The websocket.</param>
/// <param name="longest">Bytes of the longest message; a longer one is a fault.</param>
internal sealed class MessageReader(WebSocket socket, int longest = 128 * 1024)
{
    private readonly byte[] _buffer = new byte[longest + 1];

    /// <summary>The next message, there until the one after it is asked for; null: the other side said goodbye.</summary>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += part.Count;
            Assert.True(length <= longest, $"A message has more than {longest} bytes.");
        }
        while (!part.EndOfMessage);

        if (part.MessageType is WebSocketMessageType.Close)
        {
            return null;
        }

        return _buffer.AsMemory(0, length);
    }
}
