using System.Diagnostics;
using System.Diagnostics.Metrics;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>What a node measures of its store. Labels are names of scripts and of failures, never whose call it is; <c>docs/operations.md</c>, metrics.</summary>
internal static class StoreTelemetry
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "Im.Store";

    private static readonly Meter Meter = new(Name);

    private static readonly ActivitySource Source = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "im.store.call.duration",
        "s",
        "How long a call to the store took, by script; failed calls included.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5] });

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "im.store.call.failures", "{call}", "Calls that the store did not answer in time, or refused as not being able to serve, by script and reason.");

    private static readonly Counter<long> Losses = Meter.CreateCounter<long>(
        "im.store.disconnects", "{connection}", "Connections to the store that were lost.");

    private static readonly Counter<long> Returns = Meter.CreateCounter<long>(
        "im.store.reconnects", "{connection}", "Connections to the store that came back.");

    /// <summary>Whether anybody wants spans; asked before anything is done for them.</summary>
    public static bool TracesCalls => Source.HasListeners();

    /// <summary>The span of a call, to be disposed with it; null while nobody wants any.</summary>
    public static Activity? Begin(RedisScript script) => TracesCalls ? Source.StartActivity(script.SpanName, ActivityKind.Client) : null;

    /// <summary>A call is over, well or not.</summary>
    public static void Ended(RedisScript script, TimeSpan took) => Duration.Record(took.TotalSeconds, ByScript(script));

    /// <summary>A call is over, and the store is away.</summary>
    public static void Failed(RedisScript script, Exception? failure, Activity? span)
    {
        var reason = failure switch
        {
            null or TimeoutException => "timeout",
            RedisServerException => "refused",
            _ => "connection",
        };
        Failures.Add(1, ByScript(script), new("reason", reason));
        span?.SetTag("error.type", reason).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A connection to the store was lost.</summary>
    public static void Disconnected() => Losses.Add(1);

    /// <summary>A connection to the store came back.</summary>
    public static void Reconnected() => Returns.Add(1);

    private static KeyValuePair<string, object?> ByScript(RedisScript script) => new("script", script.Name);
}
