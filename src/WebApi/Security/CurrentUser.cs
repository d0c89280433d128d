using Im.Domain;

namespace Im.WebApi.Security;

/// <summary>Who calls, on routes that require authorization.</summary>
internal static class CurrentUserExtensions
{
    internal static UserId CurrentUser(this HttpContext context) => context.CurrentToken().User;

    /// <summary>What the caller's token says.</summary>
    internal static ValidatedToken CurrentToken(this HttpContext context) =>
        context.Features.Get<ValidatedToken>() ?? throw new InvalidOperationException("The route requires no authorization.");
}
