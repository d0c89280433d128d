using System.Text.Json.Serialization.Metadata;
using Im.Domain;
using Im.WebApi.Description;
using Im.WebApi.Security;
using Im.WebApi.Wire;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Im.WebApi.Extending;

/// <summary>
/// A route that is one command: a valid token is required and names the caller, the limit of requests per user holds, pages of
/// foreign origins are refused, the fields are read within 16 KiB, and success and refusal are the envelope of the protocol (section 2).
/// </summary>
public static class CommandRoutes
{
    private static readonly Failure FaultyField = Errors.Parameters(new Dictionary<string, string[]> { ["Field"] = ["What is wrong with it."] });

    /// <summary>A command whose answer is <c>{}</c>.</summary>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="method">GET and DELETE take their fields from address and query, all others from address and body (JSON or form).</param>
    /// <param name="pattern">The path, <c>/im/…</c>; a field in it is called as in the query: <c>{to_user_id}</c>.</param>
    /// <param name="read">Makes the command of caller and fields, unchecked; its <c>Unreadable</c> is <see cref="Fields.Unreadable"/>.</param>
    public static RouteHandlerBuilder MapCommand(
        this IEndpointRouteBuilder routes, HttpMethod method, string pattern, Func<UserId, Fields, IRequest<Result<Done>>> read) =>
        routes.MapCommand(method, pattern, read, static _ => new Nothing());

    /// <summary>A command whose answer has data.</summary>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="method">GET and DELETE take their fields from address and query, all others from address and body (JSON or form).</param>
    /// <param name="pattern">The path, <c>/im/…</c>; a field in it is called as in the query: <c>{to_user_id}</c>.</param>
    /// <param name="read">Makes the command of caller and fields, unchecked; its <c>Unreadable</c> is <see cref="Fields.Unreadable"/>.</param>
    /// <param name="answer">The record of the wire for the command's value: snake_case, what is null is absent.</param>
    public static RouteHandlerBuilder MapCommand<TValue, TAnswer>(
        this IEndpointRouteBuilder routes,
        HttpMethod method,
        string pattern,
        Func<UserId, Fields, IRequest<Result<TValue>>> read,
        Func<TValue, TAnswer> answer)
        where TAnswer : class
    {
        var hasBody = method != HttpMethod.Get && method != HttpMethod.Delete;
        var route = routes.MapMethods(pattern, [method.Method], ServeAsync).RequireAuthorization().WithMetadata(new OwnPagesOnly()).Produces<Success<TAnswer>>()
            .RefusesStrangers().Refuses(FaultyField, Errors.NotPermitted, WireRefusals.InternalError);
        return hasBody ? route.Refuses(WireRefusals.MalformedBody, WireRefusals.TooLarge, WireRefusals.UnsupportedMediaType) : route;

        async Task<IResult> ServeAsync(
            HttpContext context, [FromServices] IMediator mediator, [FromServices] IOptions<JsonOptions> json, CancellationToken cancellationToken)
        {
            var (fields, refusal) = await ReadAsync(context.Request, hasBody, cancellationToken);
            if (refusal is not null)
            {
                return Wire.Answers.Refusal(refusal.Value);
            }

            var result = await mediator.Send(read(context.CurrentUser(), fields), cancellationToken);
            return result.IsOk
                ? Wire.Answers.Success(answer(result.Value), (JsonTypeInfo<Success<TAnswer>>)json.Value.SerializerOptions.GetTypeInfo(typeof(Success<TAnswer>)))
                : Wire.Answers.Refusal(result.Error);
        }
    }

    private static async Task<(Fields Fields, WireRefusal? Refusal)> ReadAsync(HttpRequest request, bool hasBody, CancellationToken cancellationToken)
    {
        var address = request.RouteValues.Select(value => (value.Key, (string?)value.Value));
        if (!hasBody)
        {
            return (Fields.Of(request.Query.Select(value => (value.Key, (string?)value.Value)).Where(value => !request.RouteValues.ContainsKey(value.Key)).Concat(address)), null);
        }

        var (fields, refusal) = await request.ReadFieldsAsync(cancellationToken);
        return (refusal is null ? fields.With(address) : fields, refusal);
    }
}
