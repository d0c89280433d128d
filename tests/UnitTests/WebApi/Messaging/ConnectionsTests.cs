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
    public void Connections_are_dealt_evenly_over_the_slots()
    {
        for (var i = 0; i < 3 * Connections.Slots; i++)
        {
            _connections.Add(new FakeSocket(new FakeTimeProvider()).Connection);
        }

        Assert.All(Enumerable.Range(0, Connections.Slots), slot => Assert.Equal(3, _connections.Of(slot).Length));
        Assert.Equal(3 * Connections.Slots, _connections.All().Distinct().Count());
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
