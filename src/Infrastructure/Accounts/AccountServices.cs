using Im.Application.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Im.Infrastructure.Accounts;

/// <summary>Registers the local accounts.</summary>
public static class AccountServices
{
    /// <param name="services">The node's services.</param>
    /// <param name="open">Whether this node has local accounts; without, no file is touched.</param>
    public static IServiceCollection AddAccounts(this IServiceCollection services, bool open)
    {
        services.AddSingleton<AccountFile>();
        services.AddSingleton<IAccountRepository, SqliteAccountRepository>();
        services.AddSingleton<IPasswordHasher, FrameworkPasswordHasher>();
        services.AddSingleton<ITokenIssuer, JwtIssuer>();
        return open ? services.AddHostedService(provider => provider.GetRequiredService<AccountFile>()) : services;
    }
}
