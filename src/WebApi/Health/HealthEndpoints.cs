using System.Text.Json.Serialization;
using Im.Application.Health;
using Im.Domain;
using Im.WebApi.Description;
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
    private const string Failed = "failed";

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => TypedResults.Json(new HealthAnswer(Ok), WireJson.Default.HealthAnswer))
            .WithName("Live").WithSummary("The process runs").WithDescription("Restart a node that does not answer this.")
            .Shows(StatusCodes.Status200OK, ("running", new HealthAnswer(Ok)));
        health.MapGet("/ready", ReadyAsync)
            .WithSummary("The node takes work: the store answers, tokens can be checked, and the node is not about to stop")
            .WithName("Ready").WithDescription("503: send no new clients here. Do not restart a node for it.")
            .Shows(StatusCodes.Status200OK, ("ready", new HealthAnswer(Ok, Checks(Ok, Ok, Ok))))
            .Shows(StatusCodes.Status503ServiceUnavailable, ("not ready", new HealthAnswer(Failed, Checks(Errors.StoreUnavailable.Message, Ok, Ok))));
    }

    private static async Task<IResult> ReadyAsync(
        [FromServices] IStoreProbe store, [FromServices] Drain drain, [FromServices] TokenValidator tokens, CancellationToken cancellationToken)
    {
        var probed = await store.ProbeAsync(cancellationToken);
        var checks = Checks(
            store: probed.IsOk ? Ok : probed.Error.Message,
            tokens: tokens.CanJudge ? Ok : "The authority's keys could not be read yet.",
            drain: drain.HasBegun ? "The node is about to stop." : Ok);
        var ready = checks.Values.All(check => check == Ok);
        return TypedResults.Json(
            new HealthAnswer(ready ? Ok : Failed, checks),
            WireJson.Default.HealthAnswer,
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static Dictionary<string, string> Checks(string store, string tokens, string drain) =>
        new() { ["store"] = store, ["tokens"] = tokens, ["drain"] = drain };
}
