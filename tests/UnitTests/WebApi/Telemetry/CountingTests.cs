using Im.WebApi.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Im.UnitTests.WebApi.Telemetry;

/// <summary>Counting is on the way of every message.</summary>
public sealed class CountingTests
{
    private const int Messages = 10_000;

    [Fact]
    public void Counting_a_message_allocates_nothing() => Assert.Equal(0, Allocated());

    [Fact]
    public void Counting_a_message_allocates_nothing_while_metrics_are_exported_either()
    {
        using var exported = Sdk.CreateMeterProviderBuilder().AddMeter("Im.*").AddReader(new BaseExportingMetricReader(new Drop())).Build();

        Assert.Equal(0, Allocated());
    }

    private static long Allocated()
    {
        Count(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(Messages);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Messages;
    }

    private static void Count(int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            NodeMetrics.Accepted(repeated: false);
            NodeMetrics.Written(waited: 0, live: 1);
            NodeMetrics.Delivered(1);
            NodeMetrics.DeliveredAfter(TimeSpan.FromMilliseconds(i));
        }
    }

    private sealed class Drop : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
