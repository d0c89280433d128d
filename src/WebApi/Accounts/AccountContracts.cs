using Im.Application.Accounts;

namespace Im.WebApi.Accounts;

/// <summary>The body of both account calls, as the description shows it; it is read field by field.</summary>
internal sealed record AccountRequest(string? Username, string? Email, string Password)
{
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
