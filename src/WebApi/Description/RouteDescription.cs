using System.Text.Json;
using System.Text.Json.Nodes;
using Im.WebApi.Wire;

namespace Im.WebApi.Description;

/// <summary>The shape of a body that is read field by field, so that no binder knows it.</summary>
/// <param name="Type">What stands for it.</param>
/// <param name="Examples">By what each of them asks for.</param>
internal sealed record BodyShape(Type Type, IReadOnlyDictionary<string, JsonNode> Examples);

/// <summary>What a route answers under one status, where it is no refusal.</summary>
/// <param name="Status">Such as 200.</param>
/// <param name="Examples">By what each of them tells.</param>
internal sealed record AnswerExamples(int Status, IReadOnlyDictionary<string, JsonNode> Examples);

/// <summary>One way in which a route refuses; the example is the very envelope that it writes then.</summary>
internal sealed record RefusalExample(Failure Failure);

/// <summary>Says on a route what the description is to show of it.</summary>
public static class RouteDescription
{
    /// <summary>The body, and how one is refused that cannot be read.</summary>
    internal static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder route, params (string Name, TBody Example)[] examples)
        where TBody : class => route
        .WithMetadata(new BodyShape(typeof(TBody), ByName(examples)))
        .Refuses(WireRefusals.MalformedBody, WireRefusals.TooLarge, WireRefusals.UnsupportedMediaType);

    /// <summary>The record that shows the body's fields; it is only described by it, never bound.</summary>
    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new BodyShape(typeof(TBody), new Dictionary<string, JsonNode>()));

    /// <summary>The data of the answer with 200.</summary>
    internal static RouteHandlerBuilder Answers<TAnswer>(this RouteHandlerBuilder route, params (string Name, TAnswer Example)[] examples)
        where TAnswer : class => route
        .Shows(StatusCodes.Status200OK, [.. examples.Select(example => (example.Name, new Success<TAnswer>(example.Example)))])
        .Refuses(WireRefusals.InternalError);

    /// <summary>An answer without the envelope, or as a whole.</summary>
    internal static RouteHandlerBuilder Shows<TAnswer>(this RouteHandlerBuilder route, int status, params (string Name, TAnswer Example)[] examples)
        where TAnswer : class => route.Produces<TAnswer>(status).WithMetadata(new AnswerExamples(status, ByName(examples)));

    /// <summary>How a route that asks for a token refuses.</summary>
    internal static RouteHandlerBuilder RefusesStrangers(this RouteHandlerBuilder route) =>
        route.Refuses(WireRefusals.Unauthenticated, WireRefusals.OriginRefused, WireRefusals.RateLimited, WireRefusals.StoreUnavailable);

    internal static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params Failure[] failures)
    {
        foreach (var failure in failures)
        {
            route.WithMetadata(new RefusalExample(failure)).Produces<Failure>(failure.Code / 100);
        }

        return route;
    }

    /// <summary>An example as the wire writes it.</summary>
    internal static JsonNode Written(object example) => JsonSerializer.SerializeToNode(example, example.GetType(), WireJson.Default)!;

    private static Dictionary<string, JsonNode> ByName<T>((string Name, T Example)[] examples)
        where T : class => examples.ToDictionary(example => example.Name, example => Written(example.Example));
}
