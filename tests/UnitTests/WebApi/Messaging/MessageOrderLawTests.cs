using CsCheck;
using Im.Application.Messaging;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>
/// A store, a channel that loses, doubles and disorders, and a client, in any order of events: whatever happens, the client
/// gets every message once and in order, but for those it said to have.
/// </summary>
public sealed class MessageOrderLawTests
{
    private static readonly Gen<(int Step, int Which)[]> AnySteps = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1000]).Array[0, 80];

    [Fact]
    public void Every_message_comes_once_and_in_order() => AnySteps.Sample(
        steps => new World(waiting: steps.Length % 4, acknowledges: false).Run(steps), iter: 20_000);

    [Fact]
    public void What_was_acknowledged_may_be_skipped_and_nothing_else() => AnySteps.Sample(
        steps => new World(waiting: steps.Length % 8, acknowledges: true).Run(steps), iter: 20_000);

    private sealed class World(int waiting, bool acknowledges)
    {
        private const int PageSize = 3;

        private readonly MessageOrder _order = new(0, waiting);
        private readonly List<SessionEvent.MessagesStored> _published = [];
        private long _stored = waiting;
        private long _trimmed;
        private long _got;
        private long _acknowledged;
        private (long From, long Known)? _asked;
        private QueuePage? _read;

        public bool Run((int Step, int Which)[] steps) => steps.All(step => Do(step.Step, step.Which)) && Finish();

        private bool Do(int step, int which)
        {
            switch (step)
            {
                case 0:
                    var first = _stored + 1;
                    _stored += 1 + (which % 3);
                    _published.Add(Talk.Stored(first, _stored));
                    return true;
                case 1 when _published.Count > 0: // Any of those under way, also an early one.
                    _order.Offer(_published[which % _published.Count]);
                    _published.RemoveAt(which % _published.Count);
                    return true;
                case 2 when _published.Count > 0: // Once more, or never.
                    var index = which % _published.Count;
                    if (which % 2 == 0)
                    {
                        _order.Offer(_published[index]);
                    }
                    else
                    {
                        _published.RemoveAt(index);
                    }

                    return true;
                case 3 when _asked is null: // While a page is asked for, the writer waits for it.
                    return Take(1 + (which % 4));
                case 4 when _asked is null && _order.NeedsPage:
                    _asked = (_order.Next, _order.Known);
                    return true;
                case 5 when _asked is { } asked && _read is null:
                    _read = Read(asked.From);
                    return true;
                case 6 when _asked is { } asked && _read is { } page:
                    (_asked, _read) = (null, null);
                    return _order.TryAdd(page, asked.Known);
                case 7:
                    _order.GiveUpWaiting();
                    return true;
                case 8 when which % 2 == 0:
                    _order.Learn(_stored);
                    return true;
                case 8: // The acknowledgement reaches the store.
                    _trimmed = Math.Max(_trimmed, _acknowledged);
                    return true;
                case 9 when acknowledges: // Something it was given, or had from an earlier connection.
                    _acknowledged = Math.Max(_acknowledged, which % (Math.Max(_got, waiting) + 1));
                    _order.Skip(_acknowledged);
                    return true;
                default:
                    return true;
            }
        }

        private QueuePage Read(long from)
        {
            var first = Math.Max(from, _trimmed + 1);
            return Talk.Page(first, Math.Min(_stored, first + PageSize - 1), _stored);
        }

        private bool Take(int count)
        {
            for (var i = 0; i < count && _order.TryTake(out var seq, out var body); i++)
            {
                if (seq != Math.Max(_got, _acknowledged) + 1 || !body.Span.SequenceEqual(Talk.Body(seq)))
                {
                    return false;
                }

                _got = seq;
            }

            return true;
        }

        /// <summary>Nothing more is published; the sweep and the queue bring the rest.</summary>
        private bool Finish()
        {
            var well = Do(5, 0) && Do(6, 0);
            _order.Learn(_stored);
            _order.GiveUpWaiting();
            for (var turn = 0; turn <= _stored && well; turn++)
            {
                well = Do(3, 3) && Do(4, 0) && Do(5, 0) && Do(6, 0);
            }

            return well && Math.Max(_got, _acknowledged) == _stored && _order.Next == _stored + 1 && !_order.NeedsPage && !_order.HasGap;
        }
    }
}
