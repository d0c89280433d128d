using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Im.WebApi.Telemetry;

namespace Im.Micro;

/// <summary>What it costs to count a message on its whole way through a node: accepted, written, delivered, measured.</summary>
[MemoryDiagnoser]
public class Counting
{
    private MeterListener? _listener;

    /// <summary>Whether somebody listens, as an exporter does.</summary>
    [Params(false, true)]
    public bool Observed { get; set; }

    /// <summary>Listens, or not.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        if (!Observed)
        {
            return;
        }

        _listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == NodeMetrics.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        _listener.Start();
    }

    /// <summary>Listens no more.</summary>
    [GlobalCleanup]
    public void CleanUp() => _listener?.Dispose();

    /// <summary>One message.</summary>
    [Benchmark]
    public void Message()
    {
        NodeMetrics.Accepted(repeated: false);
        NodeMetrics.Written(waited: 0, live: 1);
        NodeMetrics.Delivered(1);
        NodeMetrics.DeliveredAfter(TimeSpan.FromMilliseconds(3));
    }
}
