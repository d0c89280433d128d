using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;

namespace Im.WebApi.Messaging;

/// <summary>Tells a client what became of its frames, and sees in the store's answers whether the store went back in time.</summary>
internal sealed class AnswerSender(SocketConnection connection, FrameSender sender, Outgoing outgoing, bool plain)
{
    /// <summary>Adds what the client is to hear of its frame, once the store has said it.</summary>
    public async Task SendAsync(Answer answer)
    {
        var (result, frame) = (default(Result<Accepted>), answer.Frame);
        try
        {
            if (answer.Call is not null)
            {
                result = await answer.Call;
            }
            else
            {
                frame ??= await answer.Told!;
            }
        }
        catch (Exception failure)
        {
            connection.Fail(failure);
            return;
        }

        if (frame is not null)
        {
            await sender.AddAsync(frame);
        }
        else
        {
            await (result.IsOk ? ConfirmAsync(answer.Id, result.Value) : RefuseAsync(answer.Id, result.Error));
        }
    }

    private async Task ConfirmAsync(long? id, Accepted accepted)
    {
        if (!outgoing.TryConfirm(id, accepted))
        {
            await connection.AbandonAsync();
            return;
        }

        NodeMetrics.Accepted(accepted.IsDuplicate);
        if (!plain)
        {
            await sender.AddAsync(FrameWriter.Sent(id, accepted.Seq, accepted.IsDuplicate));
        }
    }

    private async Task RefuseAsync(long? id, Error refusal)
    {
        // The store asks again for an id that it has confirmed.
        if (refusal.Expected <= outgoing.LastId)
        {
            await connection.AbandonAsync();
        }
        else if (!connection.EndBy(refusal))
        {
            NodeMetrics.Refused("msg", ErrorMap.NumberOf(refusal.Code));
            await sender.AddAsync(FrameHandler.Refusal(refusal, "msg", id));
            connection.CountBad(ErrorMap.NumberOf(refusal.Code));
        }
    }
}
