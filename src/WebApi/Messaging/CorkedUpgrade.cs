using Microsoft.AspNetCore.Http.Features;

namespace Im.WebApi.Messaging;

/// <summary>Puts a <see cref="CorkedStream"/> under every websocket; stands before the platform's websocket middleware, which takes what it finds here.</summary>
internal sealed class CorkedUpgrade(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            var corked = new OverHttp1(upgrade);
            context.Features.Set<IHttpUpgradeFeature>(corked);
            context.Features.Set<ICorked>(corked);
        }
        else if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            var corked = new OverHttp2(connect);
            context.Features.Set<IHttpExtendedConnectFeature>(corked);
            context.Features.Set<ICorked>(corked);
        }

        return next(context);
    }

    /// <summary>What this request's websocket, once accepted, writes to.</summary>
    public static CorkedStream StreamOf(HttpContext context) => context.Features.GetRequiredFeature<ICorked>().Stream!;

    private interface ICorked
    {
        CorkedStream? Stream { get; }
    }

    private sealed class OverHttp1(IHttpUpgradeFeature upgrade) : IHttpUpgradeFeature, ICorked
    {
        public CorkedStream? Stream { get; private set; }

        public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => Stream = new CorkedStream(await upgrade.UpgradeAsync());
    }

    private sealed class OverHttp2(IHttpExtendedConnectFeature connect) : IHttpExtendedConnectFeature, ICorked
    {
        public CorkedStream? Stream { get; private set; }

        public bool IsExtendedConnect => connect.IsExtendedConnect;

        public string? Protocol => connect.Protocol;

        public async ValueTask<Stream> AcceptAsync() => Stream = new CorkedStream(await connect.AcceptAsync());
    }
}
