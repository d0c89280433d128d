using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Im.Domain;

/// <summary>The name of one conversation: 128 random bits in hex. Whoever has it and a token may connect, so it prints as <c>[redacted]</c>.</summary>
public sealed record SessionId
{
    /// <summary>Digits of the hex form.</summary>
    public const int Length = 32;

    private SessionId(string hex) => Hex = hex;

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public string Hex { get; }

    /// <summary>A name that cannot be guessed.</summary>
    public static SessionId Generate() => new(RandomNumberGenerator.GetHexString(Length, lowercase: true));

    /// <summary>The session id that this text spells, or <see cref="Errors.NotASessionId"/>.</summary>
    public static Result<SessionId> Parse(string text) =>
        text.Length == Length && text.All(char.IsAsciiHexDigitLower) ? new SessionId(text) : Errors.NotASessionId;

    /// <summary>In fixed time: the time of a comparison must not tell how much of a guess was right.</summary>
    public bool Equals(SessionId? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(Hex.AsSpan()), MemoryMarshal.AsBytes(other.Hex.AsSpan()));

    public override int GetHashCode() => Hex.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "[redacted]";
}
