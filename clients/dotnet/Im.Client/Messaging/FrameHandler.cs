using Im.Client.Errors;

namespace Im.Client.Messaging;

/// <summary>What each frame of the server does to the conversation. One caller at a time, frame after frame.</summary>
internal sealed class FrameHandler(Parts parts, Action ready)
{
    /// <param name="frame">The frame. Unknown types are ignored.</param>
    /// <param name="cancellationToken">Cancelled when this side ends the conversation.</param>
    /// <exception cref="ImException">The conversation cannot go on.</exception>
    public async ValueTask HandleAsync(ServerFrame frame, CancellationToken cancellationToken)
    {
        switch (frame)
        {
            case { Type: "msg" }:
                foreach (var item in parts.Order.Take(frame))
                {
                    // A report of missing messages stands before the message that shows it, and is acknowledged with it.
                    var seq = item is WithheldMessages ? parts.Order.LastSeq - 1 : parts.Order.LastSeq;
                    await parts.Received.AddAsync(seq, item, cancellationToken).ConfigureAwait(false);
                }

                break;
            case { Type: "sent", Id: { } id, Seq: { } seq }: Sent(id, seq); break;
            case { Type: "delivered", Seq: { } seq }: Delivered(parts.Outbox.Delivered(seq), seq); break;
            case { Type: "ready", Seq: { } seq, LastId: { } lastId, Delivered: { } delivered }: Ready(frame.Session, seq, lastId, delivered); break;
            case { Type: "presence", Online: { } isOnline }: Presence(frame.UserId, isOnline); break;
            case { Type: "signal", Data: { } data }: parts.PeerTyping.Take(data); break;
            case { Type: "handshake" } when frame.UserId == parts.Peer: parts.Observed.Say(new HandshakeOpened()); break;
            case { Type: "authenticated" }: parts.Renewal.Answered(true); break;
            case { Type: "error", Code: { } code }: Refused(frame, code); break;
            case { Type: null or "sent" or "delivered" or "ready" or "presence" or "signal" or "error" }: throw ServerFrame.Malformed();
        }
    }

    private void Ready(string? session, long seq, long lastId, long delivered)
    {
        if (session != parts.Session)
        {
            throw ServerFrame.Malformed();
        }

        if (seq < parts.Order.LastSeq)
        {
            throw Failures.WentBack();
        }

        Delivered(parts.Outbox.Ready(lastId, delivered), delivered);
        parts.Typing.Opened();
        ready();
        parts.Wake.Set();
    }

    private void Sent(long id, long seq)
    {
        if (parts.Outbox.Stored(id, seq))
        {
            parts.Observed.Say(new SendingResumed());
        }

        parts.Wake.Set();
    }

    private void Delivered(bool isNews, long seq)
    {
        if (isNews)
        {
            parts.Observed.Say(new MessagesDelivered(seq));
            parts.Wake.Set();
        }
    }

    private void Presence(long? user, bool isOnline)
    {
        if (user == parts.Peer)
        {
            parts.Observed.SetPeerOnline(isOnline);
            if (!isOnline)
            {
                parts.PeerTyping.Forget();
            }
        }
    }

    private void Refused(ServerFrame frame, int code)
    {
        switch (frame.Of, code)
        {
            case ("auth", _): parts.Renewal.Answered(false); break;
            case ("ack", 42900 or 50000 or 50300): parts.Acknowledgements.Refused(); break;

            // It may be lost anyway.
            case ("signal", 42900 or 50000 or 50300): break;
            case ("msg", 40902 or 42900 or 42901 or 50000 or 50300) when (code == 40902 ? frame.Expected : frame.Id) is { } due:
                // An id too many is what follows from another refusal; by itself it says only that the server cannot go on.
                var error = Failures.Of(code == 40902 ? 50300 : code);
                if (parts.Outbox.Refused(due, code == 40902, error) is { } again)
                {
                    parts.Observed.Say(new SendingPaused(error, again));
                }

                break;
            default: throw Failures.Of(code) is { Kind: ImErrorKind.ProtocolViolation } known ? known : Failures.Violation("The server refused a frame that is in form");
        }
    }
}
