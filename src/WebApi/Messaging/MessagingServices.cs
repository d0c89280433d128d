using Im.WebApi.Security;

namespace Im.WebApi.Messaging;

/// <summary>Adds and maps the websocket adapter.</summary>
internal static class MessagingServices
{
    internal static void AddMessaging(this IServiceCollection services)
    {
        services.AddSingleton<SocketServices>();
        services.AddSingleton<AcknowledgementRound>();
        services.AddSingleton<Connections>();
        services.AddSingleton<UserSockets>();
        services.AddSingleton<KeepAlive.Rhythm>();
        services.AddSingleton<Drain>();
        services.AddSingleton<SocketEndpoint>();
        services.AddSingleton<ConnectionTest>();
        services.AddSingleton<RevocationWatch>().AddHostedService(provider => provider.GetRequiredService<RevocationWatch>());
        services.AddHostedService<Sweep>();
        services.AddHostedService<Pings>();
        services.AddHostedService<DrainOnStop>();
    }

    internal static void MapMessaging(this WebApplication app)
    {
        // CONNECT is how HTTP/2 opens a websocket (RFC 8441).
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        var endpoint = app.Services.GetRequiredService<SocketEndpoint>();
        app.MapMethods("/im/ws", methods, endpoint.ServeAsync).RequireAuthorization().ExcludeFromDescription();

        if (app.Services.GetRequiredService<WebOptions>().ConnectionTest ?? app.Environment.IsDevelopment())
        {
            var test = app.Services.GetRequiredService<ConnectionTest>();
            app.MapMethods("/ws", methods, test.ServeAsync).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
