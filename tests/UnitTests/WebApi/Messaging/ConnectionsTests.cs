using Im.Domain;
using Im.WebApi.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class ConnectionsTests
{
    private readonly Connections _connections = new();

    [Fact]
    public void A_full_node_takes_one_more_when_one_has_left()
    {
        Assert.True(_connections.TryEnter(2));
        Assert.True(_connections.TryEnter(2));
        Assert.False(_connections.TryEnter(2));
        Assert.False(_connections.TryEnter(2));

        _connections.Leave();

        Assert.True(_connections.TryEnter(2));
        Assert.False(_connections.TryEnter(2));
    }

    [Fact]
    public async Task However_many_come_at_once_no_more_than_that_get_in()
    {
        var entered = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => _connections.TryEnter(100)))));

        Assert.InRange(entered.Sum(), 1, 100);
        Assert.True(_connections.TryEnter(entered.Sum() + 1));
        Assert.False(_connections.TryEnter(entered.Sum() + 1));
    }

    [Fact]
    public void Pairs_are_dealt_over_the_slots_about_evenly()
    {
        var counts = Enumerable.Range(0, 100 * Connections.Slots)
            .CountBy(i => Connections.SlotOf(PairKey.Of(UserId.Of((2 * i) + 1).Value, UserId.Of((2 * i) + 2).Value).Value))
            .ToDictionary();

        Assert.All(Enumerable.Range(0, Connections.Slots), slot => Assert.InRange(counts.GetValueOrDefault(slot), 40, 160));
    }

    [Fact]
    public void Both_of_a_pair_are_in_one_slot_and_every_connection_is_among_all()
    {
        foreach (var pair in Talk.PairsInEverySlot(3))
        {
            var slot = _connections.Add(new FakeSocket(new FakeTimeProvider(), pair: pair).Connection);
            Assert.Equal(slot, _connections.Add(new FakeSocket(new FakeTimeProvider(), pair: pair).Connection));
        }

        Assert.All(Enumerable.Range(0, Connections.Slots), slot => Assert.Equal(6, _connections.Of(slot).Length));
        Assert.Equal(6 * Connections.Slots, _connections.All().Distinct().Count());
    }

    [Fact]
    public void A_connection_is_in_its_slot_until_it_is_removed()
    {
        using var socket = new FakeSocket(new FakeTimeProvider());

        var slot = _connections.Add(socket.Connection);
        Assert.Equal([socket.Connection], _connections.Of(slot));
        _connections.Remove(socket.Connection, slot);

        Assert.Empty(_connections.All());
    }
}
