using Im.WebApi.Wire;

namespace Im.WebApi.Description;

/// <summary>The shape of a body that is read field by field, so that no binder knows it.</summary>
internal sealed record BodyShape(Type Type);

/// <summary>Says on a route what the description is to show of it.</summary>
public static class RouteDescription
{
    /// <summary>The record that shows the body's fields; it is only described by it, never bound.</summary>
    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder route) => route.WithMetadata(new BodyShape(typeof(TBody)));

    internal static RouteHandlerBuilder Answers<TAnswer>(this RouteHandlerBuilder route, params int[] refusals)
    {
        route.Produces<TAnswer>();
        foreach (var status in refusals)
        {
            route.Produces<Failure>(status);
        }

        return route.Produces<Failure>(StatusCodes.Status500InternalServerError);
    }
}
