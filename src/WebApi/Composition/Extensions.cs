using System.Reflection;
using Im.Application;
using Im.Infrastructure.Extending;
using Im.WebApi.Extending;

namespace Im.WebApi.Composition;

/// <summary>What a team adds without naming it anywhere: adapters and routes, in the service's own projects and in assemblies of its own.</summary>
internal static class Extensions
{
    /// <summary>Where to look, in this order: what comes later wins where there can be only one.</summary>
    internal static Assembly[] Scanned(params IEnumerable<Assembly> own) =>
        [.. new[] { typeof(AssemblyMarker).Assembly, typeof(IAdapterModule).Assembly, typeof(Node).Assembly }.Concat(own).Distinct()];

    internal static void AddModules(this IServiceCollection services, params Assembly[] assemblies)
    {
        foreach (var module in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(Is<IAdapterModule>))
        {
            ((IAdapterModule)Activator.CreateInstance(module, nonPublic: true)!).Add(services);
        }

        foreach (var module in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(Is<IEndpointModule>))
        {
            services.AddSingleton(typeof(IEndpointModule), module);
        }
    }

    internal static void MapModules(this WebApplication app)
    {
        foreach (var module in app.Services.GetServices<IEndpointModule>())
        {
            module.Map(app);
        }
    }

    private static bool Is<T>(Type type) => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(T));
}
