using Im.Load.Clients;
using Im.Load.Wire;

namespace Im.Load.Scenarios;

/// <summary>
/// Messages as fast as they arrive: each pair has so many in flight, and a delivery makes room for the next. Where all
/// pairs together would have too many, they take turns.
/// </summary>
internal sealed class Credit
{
    // Beyond this, more pairs would only wait longer; a store that answers after seconds is taken for one that is away.
    private const int MostInFlight = 800;

    private readonly Loop _loop;
    private readonly Conversations _conversations;
    private readonly int _firstPair;
    private readonly int _share;
    private readonly int[] _room;
    private readonly bool[] _waits;
    private readonly Queue<int> _turns = [];
    private int _free = MostInFlight;

    /// <param name="inFlight">Messages on their way per pair, at most.</param>
    internal Credit(Loop loop, Conversations conversations, int inFlight)
    {
        (_loop, _conversations) = (loop, conversations);
        _firstPair = conversations.Pairs[0].Number;
        _share = Math.Max(1, MostInFlight / conversations.Pairs.Length);
        _room = [.. conversations.Pairs.Select(_ => inFlight)];
        _waits = new bool[_room.Length];
        for (var i = 0; i < _room.Length; i++)
        {
            Wait(i);
        }

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
        _room[index]++;
        _free++;
        Wait(index);
    }

    private void Wait(int index)
    {
        if (!_waits[index])
        {
            _waits[index] = true;
            _turns.Enqueue(index);
        }
    }

    private void Send()
    {
        while (_free > 0 && _turns.TryDequeue(out var index))
        {
            // One client's frames that are ready together go out in one write; those of different clients never do.
            var count = Math.Min(Math.Min(_room[index], _share), _free);
            var sender = _conversations.Senders[index];
            for (var i = 0; i < count; i++)
            {
                sender.Write(0);
            }

            sender.Send();
            _room[index] -= count;
            _free -= count;
            _waits[index] = false;
            if (_room[index] > 0)
            {
                Wait(index);
            }
        }
    }
}
