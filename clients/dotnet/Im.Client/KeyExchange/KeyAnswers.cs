using System.Buffers;
using System.Security.Cryptography;
using Im.Client.Encryption;
using Im.Client.Errors;
using Im.Client.Wire;

namespace Im.Client.KeyExchange;

/// <summary>What an answer of <c>POST /im/get_imKey</c> must be, and the keys that follow from a completed one.</summary>
internal static class KeyAnswers
{
    private const int MinKeyBytes = 8;
    private const int MaxKeyBytes = 64;
    private const int ShortKeyBytes = 16;
    private const int SessionDigits = 32;
    private const int MaxExpiresIn = 7 * 24 * 3600;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Fails unless the answer is of this pair and in form.</summary>
    public static void Check(KeyAnswer answer, long self, long peer)
    {
        var isOfPair = (answer.FromUserId == self && answer.ToUserId == peer) || (answer.FromUserId == peer && answer.ToUserId == self);
        var hasSession = answer.ImSession is { Length: SessionDigits } session && !session.AsSpan().ContainsAnyExcept(HexDigits);
        if (!isOfPair || !hasSession || answer.IsRead is not (0 or 1) || answer.ExpiresIn is < 0 or > MaxExpiresIn)
        {
            throw Failures.Violation("The answer to the key exchange is not in form");
        }
    }

    /// <summary>The agreement in server key mode.</summary>
    public static Agreement OfServerKey(KeyAnswer answer, long self, long peer)
    {
        if (answer.ImKey is not { Length: >= 2 * MinKeyBytes and <= 2 * MaxKeyBytes } hex || hex.Length % 2 != 0 || hex.AsSpan().ContainsAnyExcept(HexDigits))
        {
            throw Failures.Violation("The server's key is not in form");
        }

        var key = Convert.FromHexString(hex);
        var cipher = SessionCipher.OfServerKey(key, answer.ImSession!, self, peer);
        CryptographicOperations.ZeroMemory(key);
        return new Agreement(answer.ImSession!, cipher, KeyMode.ServerKey, IsKeyShort: key.Length < ShortKeyBytes);
    }

    /// <summary>Whether the key that is recorded as this side's is a good one, but not this pair's.</summary>
    public static bool IsOfAnotherClient(KeyAnswer answer, KeyPair own) => PublicPoint.Read(answer.PublicKey) is { } recorded && !recorded.IsSameAs(own.Public);

    /// <summary>The agreement by public keys. An <c>im_key</c> in the answer is never looked at.</summary>
    public static Agreement OfPublicKeys(KeyAnswer answer, KeyPair own, long self, long peer)
    {
        if (PublicPoint.Read(answer.PublicKey) is not { } recorded || !recorded.IsSameAs(own.Public))
        {
            throw new ImException(
                ImErrorKind.KeySubstituted,
                "The server answered with another public key than this client's, even when asked again: another client of yours keeps asking, or the server swaps keys. The session was ended. If no other client of yours is open, do not trust this server.");
        }

        if (PublicPoint.Read(answer.PeerPublicKey) is not { } theirs)
        {
            throw new ImException(
                ImErrorKind.KeySubstituted,
                "The server gave no public key of the peer, or one that is no point of P-256; the session was ended. Try again, and if it comes again, do not trust this server.");
        }

        if (theirs.IsSameAs(own.Public))
        {
            throw new ImException(ImErrorKind.KeySubstituted, "The server gave this client's own key as the peer's; the session was ended. Do not trust this server.");
        }

        var secret = own.Agree(theirs);
        var cipher = SessionCipher.OfPublicKeys(secret, answer.ImSession!, self, peer, own.Public, theirs);
        CryptographicOperations.ZeroMemory(secret);
        return new Agreement(answer.ImSession!, cipher, KeyMode.PublicKeys, IsKeyShort: false);
    }
}
