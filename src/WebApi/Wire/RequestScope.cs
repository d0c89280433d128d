using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Wire;

/// <summary>
/// Lets go of the services that were made for one request, where somebody catches what fails in it. The server does it too, and
/// logs an exception with its text, which may quote what the client sent.
/// </summary>
internal sealed partial class RequestScope(ILogger<RequestScope> logger)
{
    /// <summary>At the end of the response, before the server does: what was registered later comes first. Its own turn then finds nothing left.</summary>
    public void EndWithResponse(HttpContext context)
    {
        if (context.Features.Get<IServiceProvidersFeature>() is not null)
        {
            context.Response.OnCompleted(() => EndAsync(context));
        }
    }

    /// <summary>Now. A fault is logged, and no reason to end what the request began.</summary>
    public async Task EndAsync(HttpContext context)
    {
        try
        {
            await (context.Features.Get<IServiceProvidersFeature>() is IAsyncDisposable scope ? scope.DisposeAsync() : default);
        }
        catch (Exception fault)
        {
            Log.Fault(logger, fault.GetType().FullName, fault.StackTrace);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Error, "A service failed as its request let go of it with {Fault} {StackTrace}")]
        internal static partial void Fault(ILogger logger, string? fault, string? stackTrace);
    }
}
