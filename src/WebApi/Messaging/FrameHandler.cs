using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>What a client's frames mean: each becomes a command, or is refused; the answers go out in the order of the frames.</summary>
internal sealed class FrameHandler(
    SocketConnection connection, Attachment attachment, bool plain, Outgoing outgoing, Acknowledgements acknowledgements, TokenLife token, SocketServices services)
{
    /// <summary>Signals on their way to the store at most.</summary>
    private const int MaxSignals = 16;

    private readonly FrameRate _rate = new(services.Limits.FramesPerSecond, services.Clock);
    private readonly BadFrameCount _bad = new(services.Limits.BadFrames, services.Clock);

    private int _signals;
    private int _renewals;

    /// <summary>A store's refusal, as the frame that answers a client's.</summary>
    public static byte[] Refusal(Error error, string of, long? id) =>
        FrameWriter.Error(new FrameFault(ErrorMap.NumberOf(error.Code), error.Message, of, id), error.Expected);

    /// <summary>Handles one text frame. The text is not kept.</summary>
    public void Handle(ReadOnlySpan<byte> text)
    {
        if (FrameReader.Read(text, plain, out var frame) is { } fault)
        {
            Refuse(fault);
            return;
        }

        // Acknowledging is what a client must do; it does not count against what it may do.
        if (frame.Type is not FrameType.Ack && !_rate.TryTake())
        {
            NodeMetrics.RateLimited("frames");
            Refuse(new FrameFault(WireRefusals.RateLimited.Number, WireRefusals.RateLimited.Sentence, NameOf(frame.Type), frame.Id));
            return;
        }

        switch (frame.Type)
        {
            case FrameType.Msg:
                Send(frame, text);
                break;
            case FrameType.Ack when outgoing.TryAcknowledge(frame.Seq, out var skips):
                acknowledgements.Add(frame.Seq);
                if (skips)
                {
                    connection.Wake();
                }

                break;
            case FrameType.Ack:
                Refuse(new FrameFault(WireRefusals.MalformedFrame.Number, Errors.AcknowledgedBeyond.Message, NameOf(frame.Type)));
                break;
            case FrameType.Signal:
                _ = SignalAsync(FrameWriter.Signal(text[frame.Data], attachment.User));
                break;
            default:
                // Nor is this waited for: while the store is away, what is behind it must be refused in time as well.
                Say(new Answer(null, null, null) { Told = RenewAsync(frame.Token!, ++_renewals) });
                break;
        }
    }

    /// <summary>Counts what the store found to be a bad frame.</summary>
    public void CountBad(int number)
    {
        if (IsBad(number) && _bad.Add())
        {
            connection.Close(CloseCodes.TooManyBadFrames);
        }
    }

    private static bool IsBad(int number) =>
        number == WireRefusals.MalformedFrame.Number || number == WireRefusals.UnknownType.Number || number == WireRefusals.NotYours.Number;

    private static string NameOf(FrameType type) => type switch
    {
        FrameType.Msg => "msg",
        FrameType.Ack => "ack",
        FrameType.Signal => "signal",
        _ => "auth",
    };

    private void Send(in ClientFrame frame, ReadOnlySpan<byte> text)
    {
        if (!IsOwn(frame))
        {
            Refuse(new FrameFault(WireRefusals.NotYours.Number, WireRefusals.NotYours.Sentence, "msg", frame.Id));
            return;
        }

        var body = FrameWriter.MessageBody(text[frame.Data], attachment, services.Clock.GetUtcNow(), frame.Id);

        // Not awaited: what is read meanwhile goes to the store together. The order is kept by the queue.
        var call = FrameSpans.SendAsync(services.Mediator, new SendMessage(attachment, new OutgoingMessage(frame.Id, body)));
        Say(new Answer(call, frame.Id, null));
    }

    private void Say(Answer answer)
    {
        if (outgoing.Add(answer))
        {
            answer.WhenCompleted(connection.WhenAnswered);
        }
    }

    /// <summary>What a frame says of itself must be this connection's; in plain mode it was not read.</summary>
    private bool IsOwn(in ClientFrame frame) =>
        (frame.ToUserId ?? attachment.Peer.Number) == attachment.Peer.Number
        && (frame.FromUserId ?? attachment.User.Number) == attachment.User.Number
        && (frame.Session ?? attachment.Session.Id.Hex) == attachment.Session.Id.Hex;

    /// <summary>Beside the reading: what is behind a signal must not wait for it. More than a few under way drop, as signals may.</summary>
    private async Task SignalAsync(byte[] body)
    {
        try
        {
            if (Interlocked.Increment(ref _signals) > MaxSignals)
            {
                return;
            }

            var result = await services.Mediator.Send(new SendSignal(attachment, body));
            if (!result.IsOk && !connection.EndBy(result.Error))
            {
                NodeMetrics.Refused("signal", ErrorMap.NumberOf(result.Error.Code));
                Say(new Answer(null, null, Refusal(result.Error, "signal", null)));
            }
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
        }
        finally
        {
            Interlocked.Decrement(ref _signals);
        }
    }

    /// <summary>What the client is told of its fresh token.</summary>
    /// <param name="text">The token.</param>
    /// <param name="turn">The number of the frame that brought it, among those that bring one.</param>
    private async Task<byte[]> RenewAsync(string text, int turn)
    {
        var validated = await services.Tokens.ValidateAsync(text);
        if (validated is null && !services.Tokens.CanJudge)
        {
            return RefusedToken(WireRefusals.StoreUnavailable, WireRefusals.StoreUnavailable.Sentence);
        }

        if (validated is null || validated.User != attachment.User)
        {
            return RefusedToken(WireRefusals.Unauthenticated, "The token is not valid, or is that of another user.");
        }

        var revoked = await services.Revocations.IsRevokedAsync(validated, CancellationToken.None);
        if (!revoked.IsOk || revoked.Value)
        {
            var refusal = revoked.IsOk ? WireRefusals.Unauthenticated : WireRefusals.StoreUnavailable;
            return RefusedToken(refusal, refusal.Sentence);
        }

        token.Renew(validated, turn);
        return FrameWriter.Authenticated(validated.ExpiresAt);
    }

    private static byte[] RefusedToken(WireRefusal refusal, string sentence)
    {
        NodeMetrics.Refused("auth", refusal.Number);
        return FrameWriter.Error(new FrameFault(refusal.Number, sentence, "auth"));
    }

    private void Refuse(FrameFault fault)
    {
        NodeMetrics.Refused(fault.Of, fault.Number);
        Say(new Answer(null, fault.Id, FrameWriter.Error(fault)));
        CountBad(fault.Number);
    }
}
