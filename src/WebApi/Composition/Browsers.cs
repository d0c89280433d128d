using System.Net;
using Im.WebApi.Security;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;

namespace Im.WebApi.Composition;

/// <summary>Which pages may call, and which proxies may say who calls.</summary>
internal static class Browsers
{
    internal static void AddBrowsers(this IServiceCollection services)
    {
        services.AddSingleton<OriginPolicy>();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<OriginPolicy>((cors, origins) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. origins.Allowed])
            .WithHeaders("authorization", "token", "content-type")
            .WithMethods("GET", "POST", "DELETE")
            .WithExposedHeaders("Retry-After")));
        services.AddOptions<ForwardedHeadersOptions>().Configure<WebOptions>(Trust);
    }

    private static void Trust(ForwardedHeadersOptions forwarded, WebOptions web)
    {
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        forwarded.ForwardLimit = null; // As many as are trusted: the first one that is not is the client.
        forwarded.ForwardedHeaders = web.TrustedProxies.Length == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        foreach (var proxy in web.TrustedProxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }
    }
}
