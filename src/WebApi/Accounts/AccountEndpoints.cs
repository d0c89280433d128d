using Im.Application.Accounts;
using Im.Domain;
using Im.WebApi.Description;
using Im.WebApi.Limits;
using Im.WebApi.Security;
using Im.WebApi.Telemetry;
using Im.WebApi.Wire;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Im.WebApi.Accounts;

/// <summary>Local accounts: who has none elsewhere gets a user id and a token here.</summary>
internal static class AccountEndpoints
{
    internal static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var user = routes.MapGroup("/user").WithMetadata(new OwnPagesOnly()).WithTags("Accounts");
        user.MapPost("/register", RegisterAsync)
            .WithSummary("Create an account")
            .WithName("Register")
            .Takes(Examples.Registrations).Answers(Examples.Tokens)
            .Refuses(Examples.FaultyAccount, Errors.RegistrationClosed, Errors.NameTaken, WireRefusals.OriginRefused, WireRefusals.RateLimited, WireRefusals.StoreUnavailable);
        user.MapPost("/login", LogInAsync)
            .WithSummary("Get a token")
            .WithDescription("Goes by `username` if it is not empty, else by `email`.")
            .WithName("LogIn")
            .Takes(Examples.Logins).Answers(Examples.Tokens)
            .Refuses(Examples.FaultyAccount, Errors.WrongCredentials, WireRefusals.OriginRefused, WireRefusals.RateLimited, WireRefusals.StoreUnavailable);
        user.MapPost("/logout", LogOutAsync).RequireAuthorization()
            .WithSummary("End all of one's tokens")
            .WithDescription("All that were issued to this user up to now; open sockets close with 4401, on all nodes.")
            .WithName("LogOut")
            .Answers(("logged out", new Nothing())).RefusesStrangers();
    }

    private static async Task<IResult> LogOutAsync(HttpContext context, [FromServices] IMediator mediator, CancellationToken cancellationToken)
    {
        var token = context.CurrentToken();
        var revoked = await mediator.Send(new RevokeTokens(token.User, token.IssuedAt), cancellationToken);
        return revoked.IsOk ? Answers.Success(new Nothing(), WireJson.Default.SuccessNothing) : Answers.Refusal(revoked.Error);
    }

    private static Task<IResult> RegisterAsync(
        HttpContext context, [FromServices] IMediator mediator, [FromServices] LoginLimit limit, CancellationToken cancellationToken) =>
        SignInAsync(
            context,
            limit,
            fields => new Register(fields.Text(nameof(Register.Username)), fields.Text(nameof(Register.Email)), fields.Text(nameof(Register.Password))) { Unreadable = fields.Unreadable },
            command => command.Username,
            command => mediator.Send(command, cancellationToken),
            cancellationToken);

    private static Task<IResult> LogInAsync(
        HttpContext context, [FromServices] IMediator mediator, [FromServices] LoginLimit limit, CancellationToken cancellationToken) =>
        SignInAsync(
            context,
            limit,
            fields => new LogIn(fields.Text(nameof(LogIn.Username)), fields.Text(nameof(LogIn.Email)), fields.Text(nameof(LogIn.Password))) { Unreadable = fields.Unreadable },
            command => string.IsNullOrEmpty(command.Username) ? command.Email : command.Username,
            command => mediator.Send(command, cancellationToken),
            cancellationToken);

    private static async Task<IResult> SignInAsync<TCommand>(
        HttpContext context,
        LoginLimit limit,
        Func<Fields, TCommand> read,
        Func<TCommand, string?> nameOf,
        Func<TCommand, Task<Result<SignedIn>>> send,
        CancellationToken cancellationToken)
    {
        var (fields, refusal) = await context.Request.ReadFieldsAsync(cancellationToken);
        if (refusal is not null)
        {
            return Answers.Refusal(refusal.Value);
        }

        var command = read(fields);
        if (await limit.TakeAsync(context.Connection.RemoteIpAddress, nameOf(command), cancellationToken) is { } wait)
        {
            NodeMetrics.RateLimited("logins");
            return Answers.Refusal(WireRefusals.RateLimited, wait);
        }

        // Hashing a password takes a whole core for a while: only so many at once, so many waiting, and no more.
        using var place = await limit.EnterAsync(cancellationToken);
        if (!place.IsAcquired)
        {
            return Answers.Refusal(WireRefusals.StoreUnavailable);
        }

        var signedIn = await send(command);
        return signedIn.IsOk ? Answers.Success(SignedInAnswer.Of(signedIn.Value), WireJson.Default.SuccessSignedInAnswer) : Answers.Refusal(signedIn.Error);
    }
}
