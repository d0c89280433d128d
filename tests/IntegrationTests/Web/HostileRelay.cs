using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Im.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Im.IntegrationTests.Web;

/// <summary>Somebody between the page and the node, who reads and writes at will: all that passes, REST and websocket, can be changed.</summary>
internal sealed class HostileRelay : IAsyncDisposable
{
    private readonly HttpClient _node;
    private readonly Uri _target;
    private readonly WebApplication _app;

    private HostileRelay(Uri target)
    {
        _target = target;
        _node = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = target };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(context => context.WebSockets.IsWebSocketRequest ? RelaySocketAsync(context) : RelayAsync(context));
    }

    public Uri BaseAddress => new(_app.Urls.Single());

    /// <summary>Changes the <c>data</c> of an answer of the key exchange, in place.</summary>
    public Action<JsonObject> OnKey { get; set; } = _ => { };

    /// <summary>What a page gets for one frame of the node: as it is, changed, several, or none.</summary>
    public Func<JsonObject, IEnumerable<JsonObject>> OnFrame { get; set; } = frame => [frame];

    /// <summary>Hears every request of a client, an upgrade too: address, headers and body.</summary>
    public Action<string> OnRequest { get; set; } = _ => { };

    /// <summary>Hears every frame of a client.</summary>
    public Action<JsonObject> OnSent { get; set; } = _ => { };

    public static async Task<HostileRelay> StartAsync(Uri node)
    {
        var relay = new HostileRelay(node);
        await relay._app.StartAsync(TestContext.Current.CancellationToken);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        // Sockets that are still open need no goodbye.
        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        _node.Dispose();
    }

    private async Task RelayAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Hear(context.Request, Encoding.Latin1.GetString(body.ToArray()));
        request.Content = new ByteArrayContent(body.ToArray());
        if (context.Request.ContentType is { } type)
        {
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        if (context.Request.Headers.Authorization is [{ } token])
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        using var answer = await _node.SendAsync(request, context.RequestAborted);
        var content = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (context.Request.Path == "/im/get_imKey" && JsonNode.Parse(content) is JsonObject envelope && envelope["data"] is JsonObject data)
        {
            OnKey(data);
            content = Encoding.UTF8.GetBytes(envelope.ToJsonString());
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (answer.StatusCode is not HttpStatusCode.NotModified)
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }

    private async Task RelaySocketAsync(HttpContext context)
    {
        Hear(context.Request, body: "");
        using var node = new ClientWebSocket();
        foreach (var subprotocol in context.WebSockets.WebSocketRequestedProtocols)
        {
            node.Options.AddSubProtocol(subprotocol);
        }

        if (context.Request.Headers.Authorization is [{ } token])
        {
            node.Options.SetRequestHeader("Authorization", token);
        }

        try
        {
            await node.ConnectAsync(new UriBuilder(new Uri(_target, context.Request.Path + context.Request.QueryString)) { Scheme = "ws" }.Uri, context.RequestAborted);
            using var page = await context.WebSockets.AcceptWebSocketAsync(node.SubProtocol);
            await Task.WhenAny(
                PassAsync(page, node, Heard, context.RequestAborted),
                PassAsync(node, page, text => OnFrame(JsonNode.Parse(text)!.AsObject()).Select(frame => frame.ToJsonString()), context.RequestAborted));
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException)
        {
            // One side is gone; the other is let go with it.
        }

        context.Abort();
    }

    private void Hear(HttpRequest request, string body) =>
        OnRequest($"{request.Path}{request.QueryString}\n{string.Join('\n', request.Headers.Select(header => $"{header.Key}: {header.Value}"))}\n{body}");

    private IEnumerable<string> Heard(string text)
    {
        OnSent(JsonNode.Parse(text)!.AsObject());
        return [text];
    }

    private static async Task PassAsync(WebSocket from, WebSocket to, Func<string, IEnumerable<string>> change, CancellationToken cancellationToken)
    {
        var reader = new MessageReader(from);
        while (await reader.NextAsync(cancellationToken) is { } message)
        {
            foreach (var text in change(Encoding.UTF8.GetString(message.Span)))
            {
                await to.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            }
        }

        await to.CloseOutputAsync(from.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }
}
