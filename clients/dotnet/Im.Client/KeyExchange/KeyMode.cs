namespace Im.Client;

/// <summary>Where the key of a conversation comes from (protocol, section 3).</summary>
public enum KeyMode
{
    /// <summary>The clients exchange public keys. The server never has a secret; a server that swaps the keys shows in the safety number.</summary>
    PublicKeys,

    /// <summary>The server makes the key, and could read along.</summary>
    ServerKey,
}
