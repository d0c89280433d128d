using Im.Application.KeyExchange;
using Im.Domain;
using MediatR;
using Microsoft.Extensions.Logging;

namespace Contacts;

/// <summary>Says who got a key to talk to whom: two user ids, never the key, the session or anything else of the answer.</summary>
internal sealed partial class PairingLog(ILogger<PairingLog> logger) : IPipelineBehavior<RequestKey, Result<StoredHandshake>>
{
    public async Task<Result<StoredHandshake>> Handle(
        RequestKey request, CancellationToken cancellationToken, RequestHandlerDelegate<Result<StoredHandshake>> next)
    {
        var answer = await next();
        if (answer is { IsOk: true, Value.Handshake: { IsCompleted: true, Pair: var pair } })
        {
            Log.Paired(logger, request.Caller, pair.PeerOf(request.Caller));
        }

        return answer;
    }

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Information, "User {User} got the key shared with user {Peer}")]
        internal static partial void Paired(ILogger logger, UserId user, UserId peer);
    }
}
