using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Im.Domain;

namespace Im.WebApi.Wire;

/// <summary>Writes the envelope of a success or a refusal; also before a websocket upgrade.</summary>
internal static class Answers
{
    private static readonly TimeSpan DefaultRetry = TimeSpan.FromSeconds(1);

    internal static IResult Success<T>(T data, JsonTypeInfo<Success<T>> shape)
        where T : class => new SuccessResult<T>(new Success<T>(data), shape);

    internal static IResult Refusal(Error error) => new RefusalResult(response => response.WriteAsync(error));

    internal static IResult Refusal(WireRefusal refusal, TimeSpan? retryAfter = null) =>
        new RefusalResult(response => response.WriteAsync(refusal, retryAfter));

    internal static Task WriteAsync(this HttpResponse response, WireRefusal refusal, TimeSpan? retryAfter = null) =>
        response.WriteAsync((Failure)refusal, retryAfter);

    internal static Task WriteAsync(this HttpResponse response, Error error) => response.WriteAsync((Failure)error, error.RetryAfter);

    /// <summary>The wire name of a property: <c>ToUserId</c> is <c>to_user_id</c>.</summary>
    internal static string WireNameOf(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);

    private static Task WriteAsync(this HttpResponse response, Failure failure, TimeSpan? retryAfter)
    {
        response.StatusCode = failure.Code / 100;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is not null || response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            var seconds = Math.Ceiling((retryAfter ?? DefaultRetry).TotalSeconds);
            response.Headers.RetryAfter = Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(failure, WireJson.Default.Failure, contentType: null, response.HttpContext.RequestAborted);
    }

    private sealed class RefusalResult(Func<HttpResponse, Task> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => write(httpContext.Response);
    }

    private sealed class SuccessResult<T>(Success<T> success, JsonTypeInfo<Success<T>> shape) : IResult
        where T : class
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            // Keys and tokens are among the answers: no cache keeps any.
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsJsonAsync(success, shape, contentType: null, httpContext.RequestAborted);
        }
    }
}
