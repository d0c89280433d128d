using FluentValidation;
using Im.Application;
using Im.Application.Contacts;
using Im.Application.KeyExchange;
using MediatR;

namespace Im.WebApi.Composition;

/// <summary>Finds what Application holds: handlers, validators, behaviours and the contact policy. Who adds one registers nothing.</summary>
internal static class Features
{
    internal static void AddFeatures(this IServiceCollection services)
    {
        // All singletons: a message then costs no service scope.
        services.AddSingleton<IMediator, Mediator>();
        services.AddSingleton<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddSingleton<KeyWaits>();
        services.Scan(scan => scan.FromAssembliesOf(typeof(AssemblyMarker))
            .AddClasses(types => types.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime()
            .AddClasses(types => types.AssignableTo(typeof(IValidator<>)), publicOnly: false).As(ValidatorOf).WithSingletonLifetime()
            .AddClasses(types => types.AssignableTo(typeof(IPipelineBehavior<,>)), publicOnly: false).As(typeof(IPipelineBehavior<,>)).WithSingletonLifetime()
            .AddClasses(types => types.AssignableTo<IContactPolicy>().Where(type => type != typeof(OpenContactPolicy)), publicOnly: false).As<IContactPolicy>().WithSingletonLifetime());
        if (services.All(service => service.ServiceType != typeof(IContactPolicy)))
        {
            services.AddSingleton<IContactPolicy, OpenContactPolicy>();
        }
    }

    private static IEnumerable<Type> ValidatorOf(Type validator) =>
        validator.GetInterfaces().Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IValidator<>));
}
