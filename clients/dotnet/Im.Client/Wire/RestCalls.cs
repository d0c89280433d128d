using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Im.Client.Errors;

namespace Im.Client.Wire;

/// <summary>One REST call: sends, waits with a limit, takes the envelope apart. Everything that goes wrong is an <see cref="ImException"/>.</summary>
internal sealed class RestCalls : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>The longest that a server can make this client wait by <c>Retry-After</c>.</summary>
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    private readonly ImClientOptions _options;
    private readonly Uri _base;
    private readonly HttpClient _http;

    public RestCalls(ImClientOptions options)
    {
        _options = options;
        _base = new Uri(options.Server.AbsoluteUri.TrimEnd('/') + "/");
        Handler = options.Handler ?? new SocketsHttpHandler
        {
            // A redirect could lead passwords elsewhere; the service has none, and no cookies.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.RequestTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };

        _http = new HttpClient(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    /// <summary>What sends requests and opens websockets.</summary>
    public HttpMessageHandler Handler { get; }

    /// <summary>The full address of a path such as <c>im/ws?…</c>.</summary>
    public Uri AddressOf(string path) => new(_base, path);

    /// <param name="method">The method.</param>
    /// <param name="path">Relative to the server's address.</param>
    /// <param name="token">Null: none.</param>
    /// <param name="body">JSON; null: none.</param>
    /// <param name="answer">What an answer is read as.</param>
    /// <param name="held">How long the server was asked to hold the answer back.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, string? token, byte[]? body, JsonTypeInfo<Envelope<T>> answer, TimeSpan held, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(method, AddressOf(path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var limit = new CancellationTokenSource(_options.RequestTimeout + held, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            return Read(response, await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false), answer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failures.Unreachable(e);
        }
    }

    public void Dispose()
    {
        _http.Dispose();

        if (_options.Handler is null)
        {
            Handler.Dispose();
        }
    }

    private static T Read<T>(HttpResponseMessage response, byte[] bytes, JsonTypeInfo<Envelope<T>> answer)
        where T : class
    {
        var envelope = Parse(bytes, answer);
        return envelope switch
        {
            { Code: 0, Data: { } data } when response.IsSuccessStatusCode => data,
            _ => throw RefusalOf(response, envelope?.Code is > 0 ? envelope.Code : null, envelope?.Errors),
        };
    }

    /// <summary>What a refusal says, whether it is one of the service or of a proxy before it.</summary>
    public static ImException RefusalOf(HttpResponseMessage response, int? code, Dictionary<string, string[]>? errors)
    {
        var asked = response.Headers.RetryAfter?.Delta;
        var wait = asked > MaxRetryAfter ? MaxRetryAfter : asked;
        return (code, response.StatusCode) switch
        {
            ({ } known, _) => Failures.Of(known, wait, errors?.ToDictionary(field => field.Key, field => (IReadOnlyList<string>)field.Value)),
            (null, HttpStatusCode.TooManyRequests) => Failures.Of(42900, wait),
            (null, >= HttpStatusCode.InternalServerError) => Failures.Of(50300, wait),
            _ => Failures.Violation(string.Create(CultureInfo.InvariantCulture, $"The server answered {(int)response.StatusCode}, and not as this service does")),
        };
    }

    public static Envelope<T>? Parse<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<Envelope<T>> answer)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, answer);
        }
        catch (JsonException)
        {
            // No envelope: something else answered. The cause could quote what it said.
            return null;
        }
    }
}
