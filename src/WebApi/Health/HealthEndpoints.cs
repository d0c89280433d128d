using System.Text.Json.Serialization;
using Im.Application.Health;
using Im.WebApi.Messaging;
using Im.WebApi.Security;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Mvc;

namespace Im.WebApi.Health;

/// <summary>What a load balancer or an orchestrator reads.</summary>
/// <param name="Status"><c>ok</c> or <c>failed</c>.</param>
/// <param name="Checks">By check, <c>ok</c> or one sentence that says what is wrong; absent where nothing was checked.</param>
internal sealed record HealthAnswer(
    string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Checks = null);

/// <summary>Whether the node runs, and whether it should get work.</summary>
internal static class HealthEndpoints
{
    private const string Ok = "ok";

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => TypedResults.Json(new HealthAnswer(Ok), WireJson.Default.HealthAnswer))
            .WithSummary("The process runs").Produces<HealthAnswer>();
        health.MapGet("/ready", ReadyAsync)
            .WithSummary("The node takes work: the store answers, tokens can be checked, and the node is not about to stop")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(
        [FromServices] IStoreProbe store, [FromServices] Drain drain, [FromServices] TokenValidator tokens, CancellationToken cancellationToken)
    {
        var probed = await store.ProbeAsync(cancellationToken);
        var checks = new Dictionary<string, string>
        {
            ["store"] = probed.IsOk ? Ok : probed.Error.Message,
            ["tokens"] = tokens.CanJudge ? Ok : "The authority's keys could not be read yet.",
            ["drain"] = drain.HasBegun ? "The node is about to stop." : Ok,
        };
        var ready = checks.Values.All(check => check == Ok);
        return TypedResults.Json(
            new HealthAnswer(ready ? Ok : "failed", checks),
            WireJson.Default.HealthAnswer,
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
