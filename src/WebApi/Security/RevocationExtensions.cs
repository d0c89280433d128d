using Im.Application.Accounts;
using Im.Domain;

namespace Im.WebApi.Security;

/// <summary>The question of one token.</summary>
internal static class RevocationExtensions
{
    /// <summary>Whether the token was revoked. <see cref="ErrorCode.StoreUnavailable"/>.</summary>
    internal static async Task<Result<bool>> IsRevokedAsync(this IRevocations revocations, ValidatedToken token, CancellationToken cancellationToken)
    {
        var found = await revocations.FindAsync([token.User], cancellationToken);
        return found.IsOk ? found.Value.Any(revocation => revocation.Covers(token.IssuedAt)) : found.Error;
    }
}
