namespace Im.WebApi.Wire;

/// <summary>The outermost step of every request: what nobody else answered gets its envelope here, and a fault shows nothing.</summary>
internal sealed partial class Edge(RequestDelegate next, RequestScope scope, ILogger<Edge> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response is { ContentLength: null, ContentType: null } && RefusalOf(context.Response.StatusCode) is { } refusal)
            {
                await context.Response.WriteAsync(refusal);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; nobody is left to answer.
        }
        catch (BadHttpRequestException fault)
        {
            await RefuseAsync(context, RefusalOf(fault.StatusCode) ?? WireRefusals.MalformedBody);
        }
        catch (Exception fault)
        {
            Log.Fault(logger, fault.GetType().FullName, fault.StackTrace);
            await RefuseAsync(context, WireRefusals.InternalError);
        }
        finally
        {
            scope.EndWithResponse(context);
        }
    }

    private static async Task RefuseAsync(HttpContext context, WireRefusal refusal)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer is out: cutting it off is all that still tells the client.
            context.Abort();
            return;
        }

        context.Response.Clear();
        await context.Response.WriteAsync(refusal);
    }

    private static WireRefusal? RefusalOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => WireRefusals.MalformedBody,
        StatusCodes.Status401Unauthorized => WireRefusals.Unauthenticated,
        StatusCodes.Status404NotFound => WireRefusals.NotFound,
        StatusCodes.Status405MethodNotAllowed => WireRefusals.MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => WireRefusals.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => WireRefusals.UnsupportedMediaType,
        _ => null,
    };

    private static partial class Log
    {
        // Type and place, never the message: it may quote what the client sent.
        [LoggerMessage(3001, LogLevel.Error, "A request failed with {Fault} {StackTrace}")]
        internal static partial void Fault(ILogger logger, string? fault, string? stackTrace);
    }
}
