using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Description;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Im.WebApi.KeyExchange;

/// <summary>How two users get one key and one session.</summary>
internal static class KeyExchangeEndpoints
{
    internal static void MapKeyExchange(this IEndpointRouteBuilder routes)
    {
        var im = routes.MapGroup("/im").RequireAuthorization().WithMetadata(new OwnPagesOnly()).WithTags("Key exchange");
        im.MapPost("/get_imKey", RequestKeyAsync)
            .WithSummary("Ask for the key shared with another user")
            .WithDescription("The first caller opens a handshake (is_read 0), the other side's call completes it (is_read 1) and creates the session. Repeat the call to get the same answer again.")
            .WithName("RequestKey")
            .Takes(Examples.Requests).Answers(Examples.Keys).RefusesStrangers()
            .Refuses(Examples.FaultyRequest, Errors.NotPermitted, Errors.KeyModeMismatch);
        im.MapGet("/sessions/{to_user_id}", FindSessionAsync)
            .WithSummary("Look up the present session with another user")
            .WithDescription("Opens and renews nothing.")
            .WithName("FindSession")
            .Answers(Examples.Sessions).RefusesStrangers().Refuses(Examples.FaultyAddress, Errors.NoSession);
        im.MapDelete("/sessions/{to_user_id}", EndSessionAsync)
            .WithSummary("End the session with another user, for both sides")
            .WithDescription("Wipes keys, queues and the session, and without `session` any handshake; open sockets close with 4403. Idempotent.")
            .WithName("EndSession")
            .Answers(("ended", new Nothing())).RefusesStrangers().Refuses(Examples.FaultyAddress);
    }

    /// <summary>What a call asks for, unchecked.</summary>
    internal static RequestKey CommandOf(Fields fields, UserId caller) => new(
        caller, fields.Integer(nameof(RequestKey.ToUserId)), fields.Integer(nameof(RequestKey.WaitSeconds)), fields.Text(nameof(RequestKey.PublicKey)))
    { Unreadable = fields.Unreadable };

    private static async Task<IResult> RequestKeyAsync(HttpContext context, [FromServices] IMediator mediator, CancellationToken cancellationToken)
    {
        var (fields, refusal) = await context.Request.ReadFieldsAsync(cancellationToken);
        if (refusal is not null)
        {
            return Answers.Refusal(refusal.Value);
        }

        var caller = context.CurrentUser();
        var stored = await mediator.Send(CommandOf(fields, caller), cancellationToken);
        NodeMetrics.Exchanged(
            stored is { IsOk: true, Value.Handshake.IsCompleted: true }, refused: stored.IsOk ? null : ErrorMap.NumberOf(stored.Error.Code));
        if (stored.Error?.Code is ErrorCode.RateLimited)
        {
            NodeMetrics.RateLimited("openings");
        }

        return stored.IsOk ? Answers.Success(KeyAnswer.Of(stored.Value, caller), WireJson.Default.SuccessKeyAnswer) : Answers.Refusal(stored.Error);
    }

    private static async Task<IResult> FindSessionAsync(
        HttpContext context, [FromRoute(Name = "to_user_id")] string toUserId, [FromServices] IMediator mediator, CancellationToken cancellationToken)
    {
        var fields = Fields.Of(("to_user_id", toUserId));
        var query = new FindSession(context.CurrentUser(), fields.Integer(nameof(FindSession.ToUserId))) { Unreadable = fields.Unreadable };
        var found = await mediator.Send(query, cancellationToken);
        return found.IsOk ? Answers.Success(SessionAnswer.Of(found.Value), WireJson.Default.SuccessSessionAnswer) : Answers.Refusal(found.Error);
    }

    private static async Task<IResult> EndSessionAsync(
        HttpContext context,
        [FromRoute(Name = "to_user_id")] string toUserId,
        [FromQuery] string? session,
        [FromServices] IMediator mediator,
        CancellationToken cancellationToken)
    {
        var fields = Fields.Of(("to_user_id", toUserId), ("session", session));
        var command = new EndSession(context.CurrentUser(), fields.Integer(nameof(EndSession.ToUserId)), fields.Text(nameof(EndSession.Session)))
        { Unreadable = fields.Unreadable };
        var ended = await mediator.Send(command, cancellationToken);
        return ended.IsOk ? Answers.Success(new Nothing(), WireJson.Default.SuccessNothing) : Answers.Refusal(ended.Error);
    }
}
