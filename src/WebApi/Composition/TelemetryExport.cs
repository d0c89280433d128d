using System.Net.WebSockets;
using Im.Infrastructure;
using Im.WebApi.Messaging;
using Im.WebApi.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Im.WebApi.Composition;

/// <summary>Brings metrics and spans out of the node; see docs/decisions/0013.</summary>
internal static class TelemetryExport
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    internal static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(provider => new QueueDepths(provider.GetRequiredService<Connections>().Depth));
        services.AddSingleton<MetricsReaders>();
        var pushes = IsSet(configuration, Endpoint);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "im",
                serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter("Im.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
                if (pushes)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (pushes)
        {
            // Where nobody takes them, no span is made.
            telemetry.WithTracing(traces => traces.AddAspNetCoreInstrumentation().AddSource("Im.*").AddProcessor<SpanTags>().AddOtlpExporter());
        }
    }

    /// <summary>Serves <c>/metrics</c> to those who may read it.</summary>
    internal static void UseMetrics(this WebApplication app)
    {
        // Nobody else asks for it; from now on what waits on this node is added up.
        app.Services.GetRequiredService<QueueDepths>();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(app.Services.GetRequiredService<MetricsReaders>().Allows);
        NodeMetrics.BeginAtZero(WebSocketCloseStatus.InternalServerError, CloseCodes.SessionLost, CloseCodes.TookNothing);
    }

    private static bool IsSet(IConfiguration configuration, string setting) => configuration[setting] switch
    {
        null or "" => false,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" => true,
        _ => throw new StartupException($"The setting {setting} is no address such as http://127.0.0.1:4317."),
    };
}
