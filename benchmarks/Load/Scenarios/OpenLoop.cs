using System.Diagnostics;
using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>
/// Messages at a fixed rate, pair after pair, whether or not the ones before have arrived. Each is stamped with the moment
/// it was due, so that a wait before sending counts too.
/// </summary>
internal sealed class OpenLoop
{
    /// <summary>How long a rate needs to become steady, in a system that is warm.</summary>
    internal static readonly TimeSpan Start = TimeSpan.FromSeconds(1);

    private readonly Loop _loop;
    private readonly Conversations _conversations;
    private readonly double _interval;
    private readonly Histogram? _histogram;
    private long _from = long.MaxValue;
    private long _to = long.MaxValue;
    private int _next;

    /// <param name="rate">Messages per second, of all pairs together.</param>
    /// <param name="histogram">Takes the latencies of what is due in a measured run.</param>
    internal OpenLoop(Loop loop, Conversations conversations, int rate, Histogram? histogram = null)
    {
        (_loop, _conversations, _histogram) = (loop, conversations, histogram);
        _interval = (double)Stopwatch.Frequency / rate;
        conversations.OnDelivered = Record;
    }

    /// <summary>Runs, and measures what is due meanwhile, whenever it arrives.</summary>
    internal void Measure(TimeSpan duration)
    {
        _from = Loop.Now;
        _to = _from + Loop.Ticks(duration);
        Run(duration);
    }

    internal void Run(TimeSpan duration)
    {
        var start = Loop.Now;
        var end = start + Loop.Ticks(duration);
        for (var sent = 0L; ;)
        {
            var now = Loop.Now;
            var due = start + (long)(sent * _interval);
            while (due <= now && due < end)
            {
                var sender = _conversations.Senders[_next++ % _conversations.Senders.Length];
                sender.Write(due);
                sender.Send();
                due = start + (long)(++sent * _interval);
            }

            if (now >= end)
            {
                return;
            }

            _loop.Turn(Math.Min(due, end));
        }
    }

    private void Record(Pair pair, long due)
    {
        if (due >= _from && due < _to)
        {
            _histogram?.Record((Loop.Now - due) * (1_000_000_000 / Stopwatch.Frequency));
        }
    }
}
