using System.Net.WebSockets;
using Im.Domain;
using Microsoft.AspNetCore.Connections;

namespace Im.WebApi.Messaging;

/// <summary>Why the server closes a websocket; <c>docs/protocol.md</c>, close codes (4000 and up are this protocol's own, RFC 6455 section 7.4.2).</summary>
internal static class CloseCodes
{
    /// <summary>Never sent: the transport was lost without a goodbye (RFC 6455 section 7.4.1).</summary>
    public const WebSocketCloseStatus Lost = (WebSocketCloseStatus)1006;

    public const WebSocketCloseStatus TokenExpired = (WebSocketCloseStatus)4401;
    public const WebSocketCloseStatus SessionEnded = (WebSocketCloseStatus)4403;
    public const WebSocketCloseStatus SessionLost = (WebSocketCloseStatus)4404;

    /// <summary>The client takes nothing. It often sees only a lost connection; the log says this code.</summary>
    public const WebSocketCloseStatus TookNothing = (WebSocketCloseStatus)4408;

    public const WebSocketCloseStatus TakenOver = (WebSocketCloseStatus)4409;
    public const WebSocketCloseStatus TooManyBadFrames = (WebSocketCloseStatus)4429;

    /// <summary>What a refusal of the store means for the whole connection; null: it concerns one frame, the connection stays.</summary>
    public static WebSocketCloseStatus? Of(ErrorCode code) => code switch
    {
        ErrorCode.SessionEnded => SessionEnded,
        ErrorCode.SessionLost => SessionLost,
        ErrorCode.TakenOver => TakenOver,
        _ => null,
    };

    /// <summary>What the failure of a read or a write means; null: it is no loss of the transport, but a fault of the server's.</summary>
    /// <param name="failure">What it failed with.</param>
    /// <param name="isHangingUp">Whether the connection itself is ending.</param>
    public static WebSocketCloseStatus? OfLoss(Exception failure, bool isHangingUp) => failure switch
    {
        // A write that waited too long, or a ping without an answer.
        TimeoutException => TookNothing,

        // Where nothing of ours hung up, the platform did, for the like.
        ConnectionAbortedException when !isHangingUp => TookNothing,
        WebSocketException or OperationCanceledException or IOException or ObjectDisposedException => Lost,
        _ => null,
    };

    /// <summary>Whether frames under way still get their answers. Not where the session or the connection's claim to it is gone.</summary>
    public static bool AnswersFirst(WebSocketCloseStatus code) =>
        code is not (SessionEnded or SessionLost or TakenOver or WebSocketCloseStatus.InternalServerError);
}
