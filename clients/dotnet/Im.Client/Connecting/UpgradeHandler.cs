using System.Net;
using Im.Client.Wire;

namespace Im.Client.Connecting;

/// <summary>Opens one websocket and keeps what a refusal of it says, which the websocket itself does not tell.</summary>
/// <param name="inner">What sends; belongs to the client.</param>
internal sealed class UpgradeHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    private const int MaxRefusalBytes = 16 * 1024;

    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

    /// <summary>Why the upgrade was refused; null where nothing answered.</summary>
    public ImException? Refusal { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await _inner.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is not HttpStatusCode.SwitchingProtocols)
        {
            var envelope = RestCalls.Parse((await ReadAsync(response, cancellationToken).ConfigureAwait(false)).Span, WireJson.Default.EnvelopeNothing);
            Refusal = RestCalls.RefusalOf(response, envelope?.Code is > 0 ? envelope.Code : null, envelope?.Errors);
        }

        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxRefusalBytes];
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return buffer.AsMemory(0, length);
    }
}
