using Im.Domain;
using MediatR;

namespace Im.Application.Accounts;

/// <summary>
/// A user's tokens end, and with them their sockets, on all nodes and within a second: the user logs out
/// (<c>POST /user/logout</c>), or somebody who may shuts them out. Idempotent.
/// </summary>
/// <param name="User">Whose.</param>
/// <param name="IssuedAt">When the token was issued that surely ends; null: none in particular, only the present counts.</param>
public sealed record RevokeTokens(UserId User, DateTimeOffset? IssuedAt = null) : IRequest<Result<Done>>;

internal sealed class RevokeTokensHandler(IRevocations revocations, JwtOptions options, TimeProvider clock) : IRequestHandler<RevokeTokens, Result<Done>>
{
    /// <summary>What a token is good past its end, and what clocks may differ, generously.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    public Task<Result<Done>> Handle(RevokeTokens request, CancellationToken cancellationToken)
    {
        // A token may come from a node whose clock is ahead.
        var now = clock.GetUtcNow();
        var until = request.IssuedAt > now ? request.IssuedAt.Value : now;
        return revocations.RevokeAsync(new Revocation(request.User, until), options.TokenLifetime + Margin, cancellationToken);
    }
}
