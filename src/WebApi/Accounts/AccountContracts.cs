using System.ComponentModel.DataAnnotations;
using Im.Application.Accounts;

namespace Im.WebApi.Accounts;

/// <summary>Who registers or logs in.</summary>
/// <remarks>Only described by this: it is read field by field, so that every faulty one is reported.</remarks>
internal sealed record AccountRequest
{
    /// <summary>1 to 64 characters; a login goes by it if it is not empty.</summary>
    [MaxLength(64)]
    public string? Username { get; init; }

    /// <summary>At most 254 characters; a login goes by it if there is no username.</summary>
    [MaxLength(254)]
    public string? Email { get; init; }

    /// <summary>8 to 256 characters.</summary>
    [MaxLength(256)]
    public required string Password { get; init; }

    public override string ToString() => "[redacted]";
}

/// <summary>The data of both account calls.</summary>
/// <param name="Token">The token for every other call.</param>
/// <param name="Id">The user's number.</param>
/// <param name="ExpiresAt">Unix milliseconds.</param>
internal sealed record SignedInAnswer(string Token, long Id, long ExpiresAt)
{
    internal static SignedInAnswer Of(SignedIn signedIn) =>
        new(signedIn.Token.Token, signedIn.User.Number, signedIn.Token.ExpiresAt.ToUnixTimeMilliseconds());

    public override string ToString() => "[redacted]";
}
