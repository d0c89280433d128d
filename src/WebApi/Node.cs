using System.Reflection;
using Im.Infrastructure;
using Im.Infrastructure.Accounts;
using Im.Infrastructure.Redis;
using Im.WebApi.Accounts;
using Im.WebApi.Composition;
using Im.WebApi.Description;
using Im.WebApi.Health;
using Im.WebApi.KeyExchange;
using Im.WebApi.Limits;
using Im.WebApi.Messaging;
using Im.WebApi.Page;
using Im.WebApi.Security;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration.Memory;

namespace Im.WebApi;

/// <summary>One node of the service: composed here, run here.</summary>
public static partial class Node
{
    /// <summary>Runs until told to stop; a start that fails is one sentence on stderr and exit code 1.</summary>
    /// <param name="args">Settings as on the command line.</param>
    /// <param name="extensions">Where else to look for what can be added: commands, behaviours, policies, adapters, routes.</param>
    public static async Task<int> RunAsync(string[] args, params Assembly[] extensions)
    {
        try
        {
            await using var app = Build(args, static builder => SocketThreads.GoOnWhereTheyAreWatched(builder.Configuration), extensions);
            await app.RunAsync();
            return 0;
        }
        catch (Exception fault) when (StartupFault.SentenceOf(fault) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <summary>A node that is not yet started.</summary>
    /// <param name="args">Settings as on the command line: <c>--Urls=http://127.0.0.1:0</c>.</param>
    /// <param name="configure">What a test replaces, after everything is registered.</param>
    /// <param name="extensions">As for <see cref="RunAsync"/>.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null, params Assembly[] extensions)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new("Urls", "http://localhost:8083"),

                // Of each request it would write several lines, from which nobody learns anything.
                new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
            ],
        });
        builder.Configuration.AddSecretFiles();
        if (string.IsNullOrWhiteSpace(builder.Configuration["Urls"]))
        {
            throw new StartupException("The setting Urls is empty.");
        }

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.AddJsonLogs();
        AddServices(builder, Extensions.Scanned(extensions));
        configure?.Invoke(builder);

        var app = builder.Build();
        if (string.IsNullOrEmpty(app.Configuration["Jwt:SigningKey"]) && !app.Configuration.HasAuthority() && !app.Configuration.HasExternalStore())
        {
            Log.RandomKey(app.Logger);
        }

        Map(app);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder, Assembly[] scanned)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSettings();
        services.AddBoundedSockets();
        services.AddRequestBounds();
        services.AddQuietLogs();
        services.AddSingleton<RequestScope>();
        services.AddTelemetry(builder.Configuration);
        services.AddFeatures(scanned);
        services.AddRedisStore();
        services.AddAccounts(open: builder.Configuration.HasAccounts());
        services.AddBrowsers();
        services.AddLimits();
        services.AddMessaging();
        services.AddDescription();
        BearerScheme.AddTo(services);
        if (builder.Configuration.HasAuthority())
        {
            services.AddAuthority();
        }

        services.AddModules(scanned);
        services.Decorate<IServer, TokenHidingServer>();
    }

    private static void Map(WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<Edge>();
        app.UseMiddleware<SocketHost>();
        app.UsePoolForRequests();
        app.UseMetrics();
        app.UseMiddleware<CorkedUpgrade>();
        app.UseWebSockets();
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<OwnPages>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<Admission>();

        app.MapHealth();
        app.MapDescription();
        app.MapPage();
        app.MapKeyExchange();
        app.MapMessaging();
        if (app.Configuration.HasAccounts())
        {
            app.MapAccounts();
        }

        app.MapModules();
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Warning, "No Jwt:SigningKey is set: tokens are signed with a random key and end with this process")]
        internal static partial void RandomKey(ILogger logger);
    }
}
