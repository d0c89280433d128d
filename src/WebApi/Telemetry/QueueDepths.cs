using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Im.WebApi.Telemetry;

/// <summary>What waits on this node, added up over its connections when somebody asks: no message pays for it.</summary>
internal sealed class QueueDepths : IDisposable
{
    private static readonly ConcurrentDictionary<QueueDepths, Func<(long Answers, long Messages)>> Nodes = new();

    private readonly Func<(long Answers, long Messages)> _depth;

    /// <param name="depth">What waits at the moment: answers that clients are owed, messages for their sockets.</param>
    public QueueDepths(Func<(long Answers, long Messages)> depth)
    {
        _depth = depth;
        Nodes.TryAdd(this, depth);
    }

    public void Dispose() => Nodes.TryRemove(KeyValuePair.Create(this, _depth));

    /// <summary>The depths at this moment, over all nodes of the process; in earnest there is one.</summary>
    public static IEnumerable<Measurement<long>> Measure()
    {
        var (answers, messages) = (0L, 0L);
        foreach (var depth in Nodes.Values)
        {
            var waiting = depth();
            answers += waiting.Answers;
            messages += waiting.Messages;
        }

        return [new(answers, Of("answers")), new(messages, Of("messages"))];
    }

    private static KeyValuePair<string, object?> Of(string queue) => new("queue", queue);
}
