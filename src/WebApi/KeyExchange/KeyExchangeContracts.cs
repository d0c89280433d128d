using System.ComponentModel.DataAnnotations;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Description;

namespace Im.WebApi.KeyExchange;

/// <summary>With whom a key is asked for.</summary>
/// <remarks>Only described by this: it is read field by field, so that every faulty one is reported.</remarks>
internal sealed record KeyRequest
{
    /// <summary>The other user, 1 to 9007199254740991.</summary>
    [Range(1, UserId.MaxValue)]
    public required long ToUserId { get; init; }

    /// <summary>How long the answer may be held back for the other side's call, 0 to 30; 0 if absent.</summary>
    [Range(0, 30)]
    public int? WaitSeconds { get; init; }

    /// <summary>The caller's public key, 1 to 2048 bytes in unpadded base64url, for the mode in which the server has no secret.</summary>
    [RegularExpression(Parameters.PublicKeyPattern)]
    public string? PublicKey { get; init; }
}

/// <summary>The data of <c>POST /im/get_imKey</c>.</summary>
/// <param name="ImKey">The server's key in lower-case hex; absent with public keys.</param>
/// <param name="FromUserId">Who called first.</param>
/// <param name="ToUserId">The other one of the two.</param>
/// <param name="ImSession">The session that completion creates.</param>
/// <param name="IsRead">1 once both sides called.</param>
/// <param name="ExpiresIn">Whole seconds until this answer is gone.</param>
/// <param name="PublicKey">The caller's own public key as recorded.</param>
/// <param name="PeerPublicKey">The other side's, once both called.</param>
internal sealed record KeyAnswer(
    [property: RegularExpression("^([0-9a-f]{2}){8,64}$")] string? ImKey,
    long FromUserId,
    long ToUserId,
    [property: RegularExpression(Parameters.SessionPattern)] string ImSession,
    [property: Range(0, 1)] int IsRead,
    long ExpiresIn,
    [property: RegularExpression(Parameters.PublicKeyPattern)] string? PublicKey,
    [property: RegularExpression(Parameters.PublicKeyPattern)] string? PeerPublicKey)
{
    internal static KeyAnswer Of(StoredHandshake stored, UserId caller)
    {
        var (handshake, pair) = (stored.Handshake, stored.Handshake.Pair);
        return new KeyAnswer(
            handshake.Key?.ToHex(),
            handshake.OpenedBy.Number,
            pair.PeerOf(handshake.OpenedBy).Number,
            handshake.Session.Hex,
            handshake.IsCompleted ? 1 : 0,
            SessionAnswer.WholeSeconds(stored.Remaining),
            handshake.PublicKeyOf(caller)?.Text,
            handshake.IsCompleted ? handshake.PublicKeyOf(pair.PeerOf(caller))?.Text : null);
    }

    public override string ToString() => "[redacted]";
}

/// <summary>The data of <c>GET /im/sessions/{to_user_id}</c>.</summary>
/// <param name="ImSession">The present session.</param>
/// <param name="ExpiresIn">Whole seconds it lives if nothing happens.</param>
internal sealed record SessionAnswer([property: RegularExpression(Parameters.SessionPattern)] string ImSession, long ExpiresIn)
{
    internal static SessionAnswer Of(FoundSession found) => new(found.Session.Id.Hex, WholeSeconds(found.ExpiresIn));

    /// <summary>Rounded up: what has half a second left is not yet gone.</summary>
    internal static long WholeSeconds(TimeSpan time) => (long)Math.Ceiling(Math.Max(0, time.TotalSeconds));

    public override string ToString() => "[redacted]";
}
