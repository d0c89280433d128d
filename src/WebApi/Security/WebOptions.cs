namespace Im.WebApi.Security;

/// <summary>Settings of what browsers and proxies may do; section <c>Web</c>.</summary>
internal sealed class WebOptions
{
    /// <summary>Origins besides the node's own whose pages may call and connect, such as <c>https://chat.example</c>; empty: none.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Addresses or networks (CIDR) whose forwarded headers count; empty: nobody's.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Addresses or networks (CIDR) that may read <c>/metrics</c> besides the node's own machine; empty: none.</summary>
    public string[] MetricsReaders { get; set; } = [];

    /// <summary>Whether <c>GET /ws</c>, the connection test, is there. Null: in Development only.</summary>
    public bool? ConnectionTest { get; set; }

    /// <summary>Whether the web page is there, at <c>/</c>.</summary>
    public bool Page { get; set; } = true;
}
