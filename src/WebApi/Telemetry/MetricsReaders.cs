using System.Net;
using Im.WebApi.Security;

namespace Im.WebApi.Telemetry;

/// <summary>
/// Who may read <c>/metrics</c>: whoever is on the node's own machine, and whom <c>Web:MetricsReaders</c> names. A proxy on that
/// machine passes on others: a request that says it was forwarded, by a proxy that is not trusted, counts as one of those.
/// </summary>
internal sealed class MetricsReaders(WebOptions web)
{
    private static readonly string[] SignsOfAProxy = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];

    private readonly IPNetwork[] _networks = [.. web.MetricsReaders.Select(Parse)];

    /// <summary>Whether this request is a permitted one for the metrics. Any other is answered as if there were none.</summary>
    public bool Allows(HttpContext context) =>
        context.Request.Path == "/metrics"
        && HttpMethods.IsGet(context.Request.Method)
        && context.Connection.RemoteIpAddress is { } remote
        && Includes(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
        && !SignsOfAProxy.Any(context.Request.Headers.ContainsKey);

    /// <summary>An address is a network of one.</summary>
    private static IPNetwork Parse(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : IPNetwork.Parse(text);

    private bool Includes(IPAddress remote) => IPAddress.IsLoopback(remote) || _networks.Any(network => network.Contains(remote));
}
