using Microsoft.Extensions.DependencyInjection;

namespace Im.Infrastructure.Extending;

/// <summary>
/// Registers what ports stand on, and is found by a scan: in this project, and in the assemblies that the node was given. It
/// has a constructor without parameters; it is called once, after all that the service registers itself, so that it wins.
/// </summary>
public interface IAdapterModule
{
    /// <summary>Adds adapters, their options and what runs beside them. Adapters are singletons: a message costs no scope.</summary>
    void Add(IServiceCollection services);
}
