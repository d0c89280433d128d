using System.Net.WebSockets;

namespace Im.WebApi.Messaging;

/// <summary>
/// Why a connection ends: the code that it closes with, and the one that it is lost with where there can be no goodbye. Who is
/// first decides; only a code that drops what waits still overrides one that answers it first. Thread-safe.
/// </summary>
internal sealed class ConnectionEnd
{
    private volatile int _closing;
    private int _lost;

    /// <summary>The code it closes with, once that is certain.</summary>
    public WebSocketCloseStatus? Closing => _closing is not 0 and var code ? (WebSocketCloseStatus)code : null;

    /// <summary>It is to be closed.</summary>
    public void Close(WebSocketCloseStatus code)
    {
        var present = _closing;
        while (present is 0 || (CloseCodes.AnswersFirst((WebSocketCloseStatus)present) && !CloseCodes.AnswersFirst(code)))
        {
            var found = Interlocked.CompareExchange(ref _closing, (int)code, present);
            if (found == present)
            {
                return;
            }

            present = found;
        }
    }

    /// <summary>It is lost, without a goodbye. False: that was known.</summary>
    public bool TryLose(WebSocketCloseStatus code) => Interlocked.CompareExchange(ref _lost, (int)code, 0) == 0;

    /// <summary>What it ended with, as logged and counted: what it was lost with, else what the client was told, or would have been.</summary>
    /// <param name="told">The code of the close frame that went out, which may be the platform's; 0: none did.</param>
    public int Code(int told) => _lost is not 0 and var lost ? lost : told is not 0 ? told : _closing;
}
