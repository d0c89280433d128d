namespace Im.WebApi.Extending;

/// <summary>
/// Routes that are found by a scan: in this project, and in the assemblies that <see cref="Node.RunAsync"/> was given. One
/// instance, made once with what it asks for; it is called once, before the node starts.
/// </summary>
public interface IEndpointModule
{
    /// <summary>Adds the routes. A command's is best added by <see cref="CommandRoutes"/>, which leaves nothing out.</summary>
    void Map(IEndpointRouteBuilder routes);
}
