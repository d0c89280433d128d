namespace Im.IntegrationTests.Harness;

/// <summary>Reads the histories of two users who talked to each other and names whatever breaks promises 1 to 4.</summary>
internal static class HistoryChecker
{
    /// <summary>A connection that was taken over hears of it within this, of the time that the process had; by the sweep alone it would take up to ten seconds.</summary>
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<string> FaultsOf(History one, History other) =>
        [.. OfDirection(one, other), .. OfDirection(other, one), .. OfConnections(one), .. OfConnections(other)];

    private static IEnumerable<string> OfDirection(History sender, History recipient)
    {
        var sent = new Dictionary<long, Event>();
        foreach (var message in sender.Of(Did.Sent))
        {
            if (sent.TryAdd(message.Number, message) ? message.Number != sent.Count : sent[message.Number].Data != message.Data)
            {
                yield return $"The client itself did not count: it sent {message.Number} as its number {sent.Count}, or another text under a number it had used.";
            }
        }

        foreach (var fault in OfTaken(sent, recipient))
        {
            yield return fault;
        }

        var taken = recipient.Of(Did.Taken).Select(message => message.Other).ToHashSet();
        foreach (var answered in sender.Of(Did.Answered).Select(answer => answer.Number).Distinct())
        {
            if (!taken.Contains(answered))
            {
                yield return $"Lost: {answered} was answered with sent, and never came.";
            }

            if (!sent.ContainsKey(answered))
            {
                yield return $"Answered with sent, though never sent: {answered}.";
            }
        }

        foreach (var fault in OfDelivered(sender, recipient))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> OfTaken(Dictionary<long, Event> sent, History recipient)
    {
        var last = 0L;
        foreach (var message in recipient.Of(Did.Taken))
        {
            if (message.Number <= last)
            {
                yield return $"Doubled or out of order: seq {message.Number} came after {last}.";
            }
            else if (message.Number > last + 1)
            {
                yield return $"A gap: seq {message.Number} came after {last}.";
            }

            if (message.Other != message.Number)
            {
                yield return $"Doubled or out of order: seq {message.Number} carries id {message.Other}.";
            }

            if (!sent.TryGetValue(message.Other, out var original) || original.Order > message.Order)
            {
                yield return $"Received, though nobody had sent it: id {message.Other}.";
            }
            else if (original.Data != message.Data)
            {
                yield return $"Received with another text than it was sent with: id {message.Other}.";
            }

            last = Math.Max(last, message.Number);
        }
    }

    private static IEnumerable<string> OfDelivered(History sender, History recipient)
    {
        var acknowledged = 0L;
        var events = sender.Of(Did.Delivered)
            .Concat(recipient.Events.Where(happened => happened.What is Did.Acknowledged or Did.Connecting))
            .OrderBy(happened => happened.Order);
        foreach (var happened in events)
        {
            if (happened.What is not Did.Delivered)
            {
                acknowledged = Math.Max(acknowledged, happened.Number);
            }
            else if (happened.Number > acknowledged)
            {
                yield return $"Delivered up to {happened.Number}, of which only {acknowledged} were acknowledged.";
            }
        }
    }

    private static IEnumerable<string> OfConnections(History history)
    {
        var connections = history.Events.GroupBy(happened => happened.Connection).Select(group => new Connection(group)).ToArray();
        var acknowledged = history.Events.Where(happened => happened.What is Did.Acknowledged or Did.Connecting).ToArray();
        long AcknowledgedBefore(Event message) => acknowledged.TakeWhile(happened => happened.Order < message.Order).Max(happened => happened.Number);
        foreach (var fault in connections.SelectMany(connection => connection.Gaps(AcknowledgedBefore)))
        {
            yield return fault;
        }

        var ready = connections.Where(connection => connection.Ready is not null).ToArray();

        // A connection without an end lives as long as the history: whoever was thrown out a moment before it may not know yet.
        var end = history.Events.Select(happened => happened.At).DefaultIfEmpty().Max();
        foreach (var newer in ready)
        {
            foreach (var older in ready.Where(connection => connection.Ready!.Order < newer.Connecting.Order))
            {
                if (older.LastAnswered > newer.Ready!.Other)
                {
                    yield return $"Stored by connection {older.Number} after {newer.Number} was ready with {newer.Ready.Other}: {older.LastAnswered}.";
                }
            }

            foreach (var other in ready.Where(connection => connection.Ready!.Order < newer.Ready!.Order))
            {
                var overlap = new[] { other.End, newer.End, end }.Min() - newer.Ready!.At;
                if (overlap > MaxOverlap)
                {
                    yield return $"Two live connections, {other.Number} and {newer.Number}, for {overlap.TotalSeconds:F1} s.";
                }
            }
        }
    }

    /// <summary>The part of a history that belongs to one connection.</summary>
    private sealed class Connection(IGrouping<int, Event> events)
    {
        private readonly Event[] _events = [.. events];

        public int Number => events.Key;

        public Event Connecting { get; } = events.First(happened => happened.What is Did.Connecting);

        public Event? Ready { get; } = events.FirstOrDefault(happened => happened.What is Did.Ready);

        public TimeSpan End { get; } = events.FirstOrDefault(happened => happened.What is Did.Closed)?.At ?? TimeSpan.MaxValue;

        public long LastAnswered { get; } = events.Where(happened => happened.What is Did.Answered).Select(happened => happened.Number).DefaultIfEmpty().Max();

        /// <summary>What is not acknowledged comes first, and after it nothing is left out.</summary>
        /// <param name="acknowledged">By the whole client up to an event: another connection of it may have acknowledged meanwhile.</param>
        public IEnumerable<string> Gaps(Func<Event, long> acknowledged)
        {
            long? last = null;
            foreach (var message in _events.Where(happened => happened.What is Did.Received))
            {
                var due = (last ?? acknowledged(message)) + 1;
                if (message.Number > due || (last is not null && message.Number < due))
                {
                    yield return $"On connection {Number} seq {message.Number} came where {due} was due.";
                }

                last = message.Number;
            }
        }
    }
}
