namespace Im.Domain;

/// <summary>Two different users in no order: (9, 10) and (10, 9) are one pair.</summary>
/// <remarks>Ordered as numbers; as text, "10" would come before "9".</remarks>
public sealed record PairKey
{
    private PairKey(UserId lower, UserId higher)
    {
        Lower = lower;
        Higher = higher;
    }

    /// <summary>The one with the smaller number; first in whatever is named after the pair.</summary>
    public UserId Lower { get; }

    /// <summary>The one with the greater number.</summary>
    public UserId Higher { get; }

    /// <summary>The pair of these two, or <see cref="Errors.PairWithOneself"/>.</summary>
    public static Result<PairKey> Of(UserId one, UserId other) => one.CompareTo(other) switch
    {
        0 => Errors.PairWithOneself,
        < 0 => new PairKey(one, other),
        _ => new PairKey(other, one),
    };

    /// <summary>Whether the user is one of the two.</summary>
    public bool Contains(UserId user) => user == Lower || user == Higher;

    /// <summary>The other one of the two.</summary>
    /// <exception cref="ArgumentException">The user is not of this pair: a bug of the caller.</exception>
    public UserId PeerOf(UserId user) =>
        user == Lower ? Higher : user == Higher ? Lower : throw new ArgumentException("The user is not of this pair.", nameof(user));
}
