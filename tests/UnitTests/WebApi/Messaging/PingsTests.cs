using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Messaging;
using Microsoft.Extensions.Logging.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class PingsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TimerClock _clock = new();
    private readonly FakeLogger<SocketConnection> _log = new();
    private readonly Connections _connections = new();
    private readonly Pings _pings;

    public PingsTests() => _pings = new Pings(_connections, new KeepAlive.Rhythm(new MessagingOptions()), _clock);

    public void Dispose() => _pings.Dispose();

    [Fact]
    public async Task Within_an_interval_every_client_is_pinged_once_and_few_at_the_same_moment()
    {
        List<FakeTransport> transports = [];
        foreach (var pair in Talk.PairsInEverySlot(2))
        {
            transports.Add((await OpenAsync(pair)).Transport);
        }

        await _clock.StartAsync(_pings, Limit);
        Turn(tick => transports.Sum(transport => transport.Writes.Count) == 2 * tick);

        Assert.All(transports, transport => Assert.Equal([FakeTransport.Ping], transport.Writes));
    }

    [Fact]
    public async Task A_client_that_does_not_answer_is_aborted_and_logged_once_with_4408()
    {
        List<FakeSocket> sockets = [];
        foreach (var pair in Talk.PairsInEverySlot(1))
        {
            sockets.Add(await OpenAsync(pair));
        }

        await _clock.StartAsync(_pings, Limit);
        Turn(tick => sockets.Sum(socket => socket.Transport.Writes.Count) == tick);
        Assert.DoesNotContain(sockets, socket => socket.Aborted);
        Turn(tick => sockets.Count(socket => socket.Aborted) == tick);

        Assert.True(SpinWait.SpinUntil(() => _log.Collector.Count >= sockets.Count, Limit));
        sockets[0].Connection.Ping();
        var lost = _log.Collector.GetSnapshot();
        Assert.Equal(sockets.Count, lost.Count);
        Assert.All(lost, record => Assert.Contains("(4408)", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_is_closing_is_not_pinged()
    {
        var socket = await OpenAsync(pair: null);
        socket.Connection.Close(CloseCodes.SessionEnded);

        socket.Connection.Ping();
        socket.Connection.Ping();

        Assert.Empty(socket.Transport.Writes);
        Assert.False(socket.Aborted);
    }

    /// <summary>One interval passes; each tick is seen through before the next.</summary>
    private void Turn(Func<int, bool> isSeenThrough)
    {
        for (var tick = 1; tick <= Connections.Slots; tick++)
        {
            _clock.Advance(TimeSpan.FromSeconds(15) / Connections.Slots);
            Assert.True(SpinWait.SpinUntil(() => isSeenThrough(tick), Limit));
        }
    }

    private async Task<FakeSocket> OpenAsync(PairKey? pair)
    {
        var socket = new FakeSocket(_clock, logger: _log, pair: pair);
        Assert.Equal(0, await socket.Stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        _connections.Add(socket.Connection);
        return socket;
    }
}
