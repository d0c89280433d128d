using System.Net.WebSockets;

namespace Im.WebApi.Messaging;

/// <summary>Reads a connection's frames one after the other as long as it lives, and closes it for what can be none.</summary>
internal sealed class ReceiveLoop(SocketConnection connection, FrameReceiver receiver, FrameHandler frames, AnswerSpace space)
{
    /// <summary>Returns when the client has said goodbye; fails as the transport does.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        while (true)
        {
            // Without the token: the end of the transport ends it too, and says why.
            using var received = await receiver.ReceiveAsync(CancellationToken.None);
            switch (received.Type)
            {
                case FrameReceiver.Kind.Closed:
                    connection.Close(WebSocketCloseStatus.NormalClosure);
                    return;
                case var _ when connection.Closing is not null:
                    break; // Only the client's close frame still matters.
                case FrameReceiver.Kind.TooLong:
                    connection.Close(WebSocketCloseStatus.MessageTooBig);
                    break;
                case FrameReceiver.Kind.NoText:
                    connection.Close(WebSocketCloseStatus.InvalidPayloadData);
                    break;
                case FrameReceiver.Kind.Binary:
                    connection.Close(WebSocketCloseStatus.InvalidMessageType);
                    break;
                default:
                    frames.Handle(received.Text.Span);
                    await space.WaitAsync(aborted);
                    break;
            }
        }
    }
}
