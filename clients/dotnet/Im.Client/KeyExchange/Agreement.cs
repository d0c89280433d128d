using Im.Client.Encryption;

namespace Im.Client.KeyExchange;

/// <summary>What two sides have agreed on: the session and its keys.</summary>
internal sealed record Agreement(string Session, SessionCipher Cipher, KeyMode KeyMode, bool IsKeyShort)
{
    public override string ToString() => "[redacted]";
}
