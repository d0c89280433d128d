using Im.Domain;

namespace Im.WebApi.Security;

/// <summary>Who calls, on routes that require authorization.</summary>
internal static class CurrentUserExtensions
{
    internal static UserId CurrentUser(this HttpContext context) => Token(context).User;

    /// <summary>The <c>exp</c> of the caller's token, without the clock skew.</summary>
    internal static DateTimeOffset TokenExpiresAt(this HttpContext context) => Token(context).ExpiresAt;

    private static ValidatedToken Token(HttpContext context) =>
        context.Features.Get<ValidatedToken>() ?? throw new InvalidOperationException("The route requires no authorization.");
}
