using System.Diagnostics.Metrics;
using Im.WebApi.Messaging;

namespace Im.WebApi.Telemetry;

/// <summary>What waits on this node, added up over its connections when somebody asks: no message pays for it.</summary>
internal sealed class QueueDepths : IDisposable
{
    private readonly Connections _connections;
    private readonly Meter _meter;

    public QueueDepths(Connections connections)
    {
        _connections = connections;
        _meter = new Meter(NodeMetrics.Name);
        _meter.CreateObservableUpDownCounter(
            "im.queue.depth",
            Measure,
            "{item}",
            "What waits, over the connections of this node: answers that clients are owed, messages that wait for a connected client.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Measure()
    {
        var (answers, messages) = (0L, 0L);
        for (var slot = 0; slot < Connections.Slots; slot++)
        {
            foreach (var connection in _connections.Of(slot))
            {
                var depth = connection.Depth();
                answers += depth.Answers;
                messages += depth.Messages;
            }
        }

        return [new(answers, Of("answers")), new(messages, Of("messages"))];
    }

    private static KeyValuePair<string, object?> Of(string queue) => new("queue", queue);
}
