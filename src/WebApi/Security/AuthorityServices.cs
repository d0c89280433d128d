namespace Im.WebApi.Security;

/// <summary>Registers the authority.</summary>
internal static class AuthorityServices
{
    internal static void AddAuthority(this IServiceCollection services)
    {
        services.AddSingleton<AuthorityKeys>();
        services.AddHostedService<AuthorityRefresh>();
    }
}
