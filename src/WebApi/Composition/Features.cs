using System.Reflection;
using FluentValidation;
using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using MediatR;

namespace Im.WebApi.Composition;

/// <summary>Finds handlers, validators, behaviours and contact policies, in Application and in what else is scanned. Who adds one registers nothing.</summary>
internal static class Features
{
    internal static void AddFeatures(this IServiceCollection services, params Assembly[] assemblies)
    {
        // All singletons: a message then costs no service scope.
        services.AddSingleton<IMediator, Mediator>();
        services.AddSingleton<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddSingleton<KeyWaits>();
        services.Scan(scan => scan.FromAssemblies(assemblies)
            .AddClasses(types => types.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime()
            .AddClasses(types => types.AssignableTo(typeof(IValidator<>)), publicOnly: false).As(type => FacesOf(type, typeof(IValidator<>))).WithSingletonLifetime()
            .AddClasses(types => types.AssignableTo(typeof(IPipelineBehavior<,>)), publicOnly: false).As(BehaviourOf).WithSingletonLifetime());
        services.AddPolicy([.. assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsPolicy)]);
    }

    // One that is open stands around every command that its constraints allow, a closed one around its own.
    private static IEnumerable<Type> BehaviourOf(Type behaviour) =>
        behaviour.IsGenericTypeDefinition ? [typeof(IPipelineBehavior<,>)] : FacesOf(behaviour, typeof(IPipelineBehavior<,>));

    private static IEnumerable<Type> FacesOf(Type type, Type definition) =>
        type.GetInterfaces().Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == definition);

    private static bool IsPolicy(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IContactPolicy)) && type != typeof(OpenContactPolicy) && type != typeof(EveryPolicy);

    private static void AddPolicy(this IServiceCollection services, Type[] policies)
    {
        foreach (var policy in policies)
        {
            services.AddSingleton(policy);
        }

        services.AddSingleton<IContactPolicy>(provider => policies.Length == 0
            ? new OpenContactPolicy()
            : new EveryPolicy([.. policies.Select(policy => (IContactPolicy)provider.GetRequiredService(policy))]));
    }

    /// <summary>Each policy is a condition: were only the last one asked, adding a rule could silently take another one away.</summary>
    private sealed class EveryPolicy(IContactPolicy[] policies) : IContactPolicy
    {
        public async ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken)
        {
            foreach (var policy in policies)
            {
                if (!await policy.AllowsAsync(pair, cancellationToken))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
