using System.Globalization;

namespace Im.Domain;

/// <summary>A user, as the integer that their token claims: 1 … 2^53-1, which every JSON reader holds exactly.</summary>
public sealed record UserId : IComparable<UserId>
{
    /// <summary>2^53-1.</summary>
    public const long MaxValue = (1L << 53) - 1;

    private UserId(long number) => Number = number;

    /// <summary>The integer itself.</summary>
    public long Number { get; }

    /// <summary>The user with this number, or <see cref="Errors.NotAUserId"/>.</summary>
    public static Result<UserId> Of(long number) => number is >= 1 and <= MaxValue ? new UserId(number) : Errors.NotAUserId;

    /// <summary>The user whose number these digits spell: no sign, no leading zero, at most 16 digits.</summary>
    public static Result<UserId> Parse(ReadOnlySpan<char> digits) =>
        digits.Length is >= 1 and <= 16 && digits[0] is not '0'
            && !digits.ContainsAnyExceptInRange('0', '9') // TryParse would let zero characters follow.
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Of(number)
            : Errors.NotAUserId;

    /// <summary>As numbers; decides who of a pair is the lower one.</summary>
    public int CompareTo(UserId? other) => other is null ? 1 : Number.CompareTo(other.Number);

    /// <summary>The digits and nothing else, as in keys and logs.</summary>
    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);

    public static bool operator <(UserId left, UserId right) => left.CompareTo(right) < 0;

    public static bool operator >(UserId left, UserId right) => left.CompareTo(right) > 0;

    public static bool operator <=(UserId left, UserId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(UserId left, UserId right) => left.CompareTo(right) >= 0;
}
