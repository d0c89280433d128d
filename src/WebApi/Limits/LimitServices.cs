using Im.Application.KeyExchange;

namespace Im.WebApi.Limits;

/// <summary>Registers the limits.</summary>
internal static class LimitServices
{
    internal static void AddLimits(this IServiceCollection services)
    {
        services.AddSingleton<IOpeningLimit, OpeningLimit>();
        services.AddSingleton<LoginLimit>();
        services.AddSingleton<RequestLimit>();
        services.AddSingleton(provider => new UpgradeRate(
            provider.GetRequiredService<LimitsOptions>(), provider.GetRequiredService<TimeProvider>(), Random.Shared));
    }
}
