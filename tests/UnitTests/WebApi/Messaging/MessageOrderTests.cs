using Im.Application.Messaging;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class MessageOrderTests
{
    private readonly MessageOrder _order = new(acknowledged: 0, lastSeq: 0);

    [Fact]
    public void What_comes_in_order_goes_on_at_once()
    {
        _order.Offer(Talk.Stored(1, 2));
        _order.Offer(Talk.Stored(3, 3));

        Assert.Equal([1, 2, 3], Taken());
        Assert.False(_order.HasGap || _order.NeedsPage);
    }

    [Fact]
    public void What_comes_twice_goes_on_once()
    {
        _order.Offer(Talk.Stored(1, 2));
        _order.Offer(Talk.Stored(1, 2));
        _order.Offer(Talk.Stored(2, 3));

        Assert.Equal([1, 2, 3], Taken());
    }

    [Fact]
    public void What_leaves_a_gap_waits_for_the_straggler()
    {
        _order.Offer(Talk.Stored(3, 3));
        _order.Offer(Talk.Stored(2, 2));
        Assert.True(_order.HasGap);
        Assert.Empty(Taken());
        Assert.False(_order.NeedsPage);

        _order.Offer(Talk.Stored(1, 1));

        Assert.False(_order.HasGap);
        Assert.Equal([1, 2, 3], Taken());
    }

    [Fact]
    public void The_queue_is_read_when_the_straggler_does_not_come()
    {
        _order.Offer(Talk.Stored(1, 1));
        _order.Offer(Talk.Stored(3, 3));

        _order.GiveUpWaiting();

        Assert.Equal([1], Taken());
        Assert.True(_order.NeedsPage);
        Assert.True(_order.TryAdd(Talk.Page(2, 3, 3), _order.Known));
        Assert.Equal([2, 3], Taken());
        Assert.False(_order.NeedsPage);
    }

    [Fact]
    public void Nobody_gives_up_on_what_is_not_missing()
    {
        _order.Offer(Talk.Stored(1, 1));

        _order.GiveUpWaiting();

        Assert.Equal([1], Taken());
        Assert.False(_order.NeedsPage);
    }

    [Fact]
    public void What_waited_before_the_connection_is_read_page_by_page()
    {
        var order = new MessageOrder(acknowledged: 4, lastSeq: 7);

        Assert.Equal((true, 5L), (order.NeedsPage, order.Next));
        Assert.True(order.TryAdd(Talk.Page(5, 6, 7), order.Known));
        Assert.False(order.NeedsPage);
        Assert.Equal([5, 6], Taken(order));
        Assert.Equal((true, 7L), (order.NeedsPage, order.Next));
        Assert.True(order.TryAdd(Talk.Page(7, 7, 7), order.Known));
        Assert.Equal([7], Taken(order));
        Assert.False(order.NeedsPage);
    }

    [Fact]
    public void What_the_sweep_tells_of_is_missing_until_it_comes()
    {
        _order.Learn(1);
        Assert.True(_order.HasGap);

        _order.Offer(Talk.Stored(1, 1));

        Assert.False(_order.HasGap);
    }

    [Fact]
    public void What_the_client_has_does_not_come_again()
    {
        _order.Offer(Talk.Stored(1, 3));
        _order.Skip(2);
        Assert.Equal([3], Taken());

        var order = new MessageOrder(acknowledged: 0, lastSeq: 5);
        order.Skip(5);
        Assert.False(order.NeedsPage);
        Assert.True(order.TryAdd(Talk.Page(1, 5, 5), 5)); // Asked for before.
        Assert.Empty(Taken(order));
    }

    [Fact]
    public void A_store_that_has_given_less_than_is_known_went_back()
    {
        Assert.False(new MessageOrder(0, 5).TryAdd(Talk.Page(1, 4, 4), knownBefore: 5));
        Assert.False(new MessageOrder(0, 5).TryAdd(Talk.Page(1, 0, 5), knownBefore: 5));
    }

    [Fact]
    public void A_page_read_before_the_newest_publication_is_only_stale()
    {
        var order = new MessageOrder(0, 1);
        var knownBefore = order.Known;
        order.Offer(Talk.Stored(2, 2));

        Assert.True(order.TryAdd(Talk.Page(1, 1, 1), knownBefore));
        Assert.Equal([1], Taken(order));
        Assert.True(order.NeedsPage);
    }

    [Fact]
    public void A_page_is_empty_where_everything_was_acknowledged_meanwhile()
    {
        var order = new MessageOrder(0, 5);
        order.Skip(5);

        Assert.True(order.TryAdd(Talk.Page(6, 5, 5), knownBefore: 5));
        Assert.Equal(6, order.Next);
    }

    [Fact]
    public void A_slow_reader_costs_a_bounded_buffer_and_reads_the_rest_from_the_store()
    {
        const int size = 60_000;
        for (var seq = 1; seq <= 100; seq++)
        {
            _order.Offer(new SessionEvent.MessagesStored(seq, [new byte[size]]));
        }

        Assert.False(_order.NeedsPage);
        var taken = Taken();

        Assert.Equal(MessageOrder.MaxBytes / size, taken.Count);
        Assert.Equal((true, taken.Count + 1L), (_order.NeedsPage, _order.Next));
    }

    [Fact]
    public void Room_that_was_taken_is_free_again()
    {
        for (var seq = 1; seq <= 100; seq++)
        {
            _order.Offer(new SessionEvent.MessagesStored(seq, [new byte[60_000]]));
            if (seq % 2 == 0)
            {
                _order.Skip(seq);
            }
            else
            {
                Assert.Equal([seq], Taken());
            }
        }

        Assert.False(_order.NeedsPage);
    }

    [Fact]
    public void Only_so_many_publications_wait_for_an_earlier_one()
    {
        for (var seq = 2; seq < 2 + MessageOrder.MaxStragglers; seq++)
        {
            _order.Offer(Talk.Stored(seq, seq));
        }

        Assert.False(_order.NeedsPage);
        _order.Offer(Talk.Stored(500, 500));
        Assert.True(_order.NeedsPage);
    }

    [Fact]
    public void Only_so_many_bytes_wait_for_an_earlier_publication()
    {
        _order.Offer(new SessionEvent.MessagesStored(2, [new byte[MessageOrder.MaxBytes]]));
        Assert.False(_order.NeedsPage);

        _order.Offer(new SessionEvent.MessagesStored(3, [new byte[1]]));

        Assert.True(_order.NeedsPage);
    }

    private List<long> Taken() => Taken(_order);

    private static List<long> Taken(MessageOrder order)
    {
        List<long> taken = [];
        while (order.TryTake(out var seq, out _))
        {
            taken.Add(seq);
        }

        return taken;
    }
}
