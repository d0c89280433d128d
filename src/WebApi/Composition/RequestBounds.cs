using Im.WebApi.Limits;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Im.WebApi.Composition;

/// <summary>
/// How long, how slow and how many requests may be. Whoever passes a bound costs the node no more than the bound; what can still
/// be answered is.
/// </summary>
internal static class RequestBounds
{
    internal static void AddRequestBounds(this IServiceCollection services) =>
        services.AddOptions<KestrelServerOptions>().Configure<LimitsOptions>(Bound);

    private static void Bound(KestrelServerOptions kestrel, LimitsOptions limits)
    {
        kestrel.AddServerHeader = false;

        // The reader of bodies stops earlier and says so in an envelope; this is for routes that read none.
        kestrel.Limits.MaxRequestBodySize = 2 * BodyReader.MaxBytes;
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;

        // The longest body that is read, at this rate, takes 16 s; the slowest phones are faster.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));

        // Longer than a proxy keeps its own (nginx: 60 s): otherwise one would pass a call on to a connection that is just being closed.
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);

        // Websockets do not count here once they are accepted; their bound is answered, see the endpoint.
        kestrel.Limits.MaxConcurrentConnections = limits.MaxHttpConnections;
    }
}
