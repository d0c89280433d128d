using Im.Load.Clients;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>Messages as fast as they arrive: each pair has so many in flight, and a delivery makes room for the next.</summary>
internal sealed class Credit
{
    private readonly Loop _loop;
    private readonly Conversations _conversations;
    private readonly int _firstPair;
    private readonly int[] _credit;
    private readonly List<int> _due = [];

    /// <param name="inFlight">Messages on their way per pair.</param>
    internal Credit(Loop loop, Conversations conversations, int inFlight)
    {
        (_loop, _conversations) = (loop, conversations);
        _firstPair = conversations.Pairs[0].Number;
        _credit = [.. conversations.Pairs.Select(_ => inFlight)];
        _due.AddRange(Enumerable.Range(0, _credit.Length));
        conversations.OnDelivered = Return;
    }

    internal void Run(TimeSpan duration)
    {
        var end = Loop.After(duration);
        while (Loop.Now < end)
        {
            Send();
            _loop.Turn(end);
        }
    }

    private void Return(Pair pair, long stamp)
    {
        var index = pair.Number - _firstPair;
        if (_credit[index]++ == 0)
        {
            _due.Add(index);
        }
    }

    private void Send()
    {
        foreach (var index in _due)
        {
            // One client's frames that are ready together go out in one write; those of different clients never do.
            var sender = _conversations.Senders[index];
            for (; _credit[index] > 0; _credit[index]--)
            {
                sender.Write(0);
            }

            sender.Send();
        }

        _due.Clear();
    }
}
