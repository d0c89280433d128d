using Im.Application.Accounts;
using Im.WebApi.Composition;
using Im.WebApi.Security;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Im.WebApi.Page;

/// <summary>What the page asks before it shows its first form.</summary>
/// <param name="Accounts">Whether there are local accounts here; without them a user brings a token.</param>
/// <param name="Registration">Whether an account can be made.</param>
internal sealed record ServerAnswer(bool Accounts, bool Registration);

/// <summary>The web page at <c>/</c>, and the files that it is made of.</summary>
internal static class PageEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Nothing is there if <c>Web:Page</c> is off.</summary>
    internal static void MapPage(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<WebOptions>().Page)
        {
            return;
        }

        foreach (var file in PageFiles.Load())
        {
            app.MapMethods(file.Path, Methods, (HttpContext context) => Serve(context, file)).AllowAnonymous().ExcludeFromDescription();
        }

        var accounts = app.Configuration.HasAccounts();
        var answer = new ServerAnswer(accounts, accounts && app.Services.GetRequiredService<AccountOptions>().OpenRegistration);
        app.MapGet("/page/server.json", (HttpContext context) => Serve(context, answer)).AllowAnonymous().ExcludeFromDescription();
    }

    private static FileContentHttpResult Serve(HttpContext context, PageFile file)
    {
        PageHeaders.Write(context);
        return TypedResults.Bytes(file.Body, file.ContentType, entityTag: file.Tag);
    }

    private static JsonHttpResult<ServerAnswer> Serve(HttpContext context, ServerAnswer answer)
    {
        PageHeaders.Write(context);
        return TypedResults.Json(answer, WireJson.Default.ServerAnswer);
    }
}
