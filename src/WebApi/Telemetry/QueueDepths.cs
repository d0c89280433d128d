using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Im.WebApi.Messaging;

namespace Im.WebApi.Telemetry;

/// <summary>What waits on this node, added up over its connections when somebody asks: no message pays for it.</summary>
internal sealed class QueueDepths : IDisposable
{
    private static readonly ConcurrentDictionary<QueueDepths, Connections> Nodes = new();

    private readonly Connections _connections;

    public QueueDepths(Connections connections)
    {
        _connections = connections;
        Nodes.TryAdd(this, connections);
    }

    public void Dispose() => Nodes.TryRemove(KeyValuePair.Create(this, _connections));

    /// <summary>The depths at this moment, over all nodes of the process; in earnest there is one.</summary>
    public static IEnumerable<Measurement<long>> Measure()
    {
        var (answers, messages) = (0L, 0L);
        foreach (var connections in Nodes.Values)
        {
            for (var slot = 0; slot < Connections.Slots; slot++)
            {
                foreach (var connection in connections.Of(slot))
                {
                    var depth = connection.Depth();
                    answers += depth.Answers;
                    messages += depth.Messages;
                }
            }
        }

        return [new(answers, Of("answers")), new(messages, Of("messages"))];
    }

    private static KeyValuePair<string, object?> Of(string queue) => new("queue", queue);
}
