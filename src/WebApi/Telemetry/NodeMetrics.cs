using System.Diagnostics.Metrics;
using System.Net.WebSockets;

namespace Im.WebApi.Telemetry;

/// <summary>
/// What a node counts and measures of its clients; <c>docs/operations.md</c>, metrics. A label never says whose connection or
/// message it is. Counting costs no memory, and next to nothing while nobody listens.
/// </summary>
internal static class NodeMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Im.Node";

    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>(
        "im.connections.open", "{connection}", "Websockets that are open, by mode.");

    private static readonly Counter<long> Closes = Meter.CreateCounter<long>(
        "im.connections.closed", "{connection}", "Websockets that ended, by close code; 1006 is lost without a goodbye.");

    private static readonly Counter<long> Exchanges = Meter.CreateCounter<long>(
        "im.exchanges", "{call}", "Key exchange calls by outcome: completed, waiting for the other side, or the code of the refusal.");

    private static readonly Counter<long> Accepts = Meter.CreateCounter<long>(
        "im.messages.accepted", "{message}", "Messages that the store has; repeated: it had them already, under the same id.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "im.frames.refused", "{frame}", "Frames of clients that were refused, by type and code; type msg are messages.");

    private static readonly Counter<long> Writes = Meter.CreateCounter<long>(
        "im.messages.written", "{message}", "Messages that clients' sockets took; waited: they lay in the queue when the client connected, and may have come before.");

    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>(
        "im.messages.delivered", "{message}", "Messages that their recipients acknowledged on this node.");

    private static readonly Histogram<double> DeliveryDuration = Meter.CreateHistogram(
        "im.messages.delivery.duration",
        "s",
        "From accepting a message to hearing that it was delivered, on the sender's node; one message at a time per connection.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });

    private static readonly Counter<long> Gaps = Meter.CreateCounter<long>(
        "im.messages.gaps", "{gap}", "Times that a publication did not come and the queue was read instead.");

    private static readonly Counter<long> Pages = Meter.CreateCounter<long>(
        "im.pages.read", "{page}", "Pages of queues that were read.");

    private static readonly Counter<long> Drains = Meter.CreateCounter<long>(
        "im.drains", "{drain}", "Drains that began.");

    private static readonly Counter<long> DrainAborts = Meter.CreateCounter<long>(
        "im.drain.aborts", "{connection}", "Connections still open at the end of a drain, and aborted.");

    private static readonly Counter<long> Limits = Meter.CreateCounter<long>(
        "im.rate_limited", "{call}", "Calls and frames that came faster than a limit allows, by limit.");

    static NodeMetrics() => Meter.CreateObservableUpDownCounter(
        "im.queue.depth",
        QueueDepths.Measure,
        "{item}",
        "What waits, over the connections of this node: answers that clients are owed, messages that wait for a connected client.");

    /// <summary>
    /// Has what alerts watch stand at 0 from the start, for whoever listens by now: Prometheus sees no increase in a series that
    /// begins with its first count, and so would not see the first fault, or a store's loss that ends all sessions at once.
    /// </summary>
    /// <param name="codes">The close codes that they watch.</param>
    public static void BeginAtZero(params IEnumerable<WebSocketCloseStatus> codes)
    {
        foreach (var code in codes)
        {
            Closes.Add(0, new KeyValuePair<string, object?>("code", (int)code));
        }

        Open.Add(0, ByMode(plain: false));
        Gaps.Add(0);
        Drains.Add(0);
        DrainAborts.Add(0);
    }

    /// <summary>A websocket was accepted.</summary>
    public static void Opened(bool plain) => Open.Add(1, ByMode(plain));

    /// <summary>It ended.</summary>
    public static void Closed(bool plain, int code)
    {
        Open.Add(-1, ByMode(plain));
        Closes.Add(1, new KeyValuePair<string, object?>("code", code));
    }

    /// <summary>A key exchange call was answered; <paramref name="refused"/> null: not refused.</summary>
    public static void Exchanged(bool completed, int? refused) =>
        Exchanges.Add(1, new KeyValuePair<string, object?>("outcome", (object?)refused ?? (completed ? "completed" : "waiting")));

    /// <summary>The store has a message.</summary>
    public static void Accepted(bool repeated) => Accepts.Add(1, new KeyValuePair<string, object?>("repeated", repeated ? "true" : "false"));

    /// <summary>A client's frame was refused; <paramref name="type"/> null: it could not be read, or is unknown.</summary>
    public static void Refused(string? type, int code) => Refusals.Add(1, new("type", type ?? "unknown"), new("code", code));

    /// <summary>A socket took messages.</summary>
    /// <param name="waited">So many that waited when the client connected.</param>
    /// <param name="live">So many that came since.</param>
    public static void Written(int waited, int live)
    {
        if (waited > 0)
        {
            Writes.Add(waited, new KeyValuePair<string, object?>("waited", "true"));
        }

        if (live > 0)
        {
            Writes.Add(live, new KeyValuePair<string, object?>("waited", "false"));
        }
    }

    /// <summary>A recipient acknowledged so many messages.</summary>
    public static void Delivered(long messages) => Deliveries.Add(messages);

    /// <summary>A message took so long.</summary>
    public static void DeliveredAfter(TimeSpan time) => DeliveryDuration.Record(time.TotalSeconds);

    /// <summary>The queue is read for what no publication brought.</summary>
    public static void GapFound() => Gaps.Add(1);

    /// <summary>A page of a queue was read.</summary>
    public static void PageRead() => Pages.Add(1);

    /// <summary>A drain began.</summary>
    public static void DrainBegan() => Drains.Add(1);

    /// <summary>So many connections did not go by themselves.</summary>
    public static void DrainAborted(int connections) => DrainAborts.Add(connections);

    /// <summary>Something came too fast.</summary>
    /// <param name="limit">
    /// Which limit says so: <c>requests</c>, <c>openings</c>, <c>logins</c>, <c>frames</c>, <c>sockets</c> of one user, or
    /// <c>connections</c> of the node.
    /// </param>
    public static void RateLimited(string limit) => Limits.Add(1, new KeyValuePair<string, object?>("limit", limit));

    private static KeyValuePair<string, object?> ByMode(bool plain) => new("mode", plain ? "plain" : "im.v1");
}
