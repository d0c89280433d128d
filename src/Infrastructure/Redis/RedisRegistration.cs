using Im.Application.Accounts;
using Im.Application.Health;
using Im.Application.KeyExchange;
using Im.Application.Limits;
using Im.Application.Messaging;
using Im.Infrastructure.Garnet;
using Microsoft.Extensions.DependencyInjection;

namespace Im.Infrastructure.Redis;

/// <summary>Puts the store behind the application's ports.</summary>
public static class RedisRegistration
{
    /// <summary>Adds the store: the embedded one, or what <c>Redis:ConnectionString</c> names. Both start with the host.</summary>
    public static IServiceCollection AddRedisStore(this IServiceCollection services)
    {
        services.AddSingleton<StoreDeadlines>();

        // In this order: hosted services start in the order of their registration.
        services.AddSingleton<EmbeddedGarnet>().AddHostedService(provider => provider.GetRequiredService<EmbeddedGarnet>());
        services.AddSingleton<RedisConnection>().AddHostedService(provider => provider.GetRequiredService<RedisConnection>());
        services.AddSingleton<EphemeralCheck>().AddHostedService(provider => provider.GetRequiredService<EphemeralCheck>());
        services.AddSingleton<GarnetRoom>().AddHostedService(provider => provider.GetRequiredService<GarnetRoom>());

        services.AddSingleton<RedisChannels>().AddSingleton<RedisFence>();
        services.AddSingleton<IHandshakeRepository, RedisHandshakeRepository>();
        services.AddSingleton<ISessionRepository, RedisSessionRepository>();
        services.AddSingleton<IMessageQueue, RedisMessageQueue>();
        services.AddSingleton<ISessionEvents, RedisSessionEvents>();
        services.AddSingleton<IRevocations, RedisRevocations>();
        services.AddSingleton<IRates, RedisRates>();
        services.AddSingleton<IStoreProbe, RedisStoreProbe>();
        return services;
    }
}
