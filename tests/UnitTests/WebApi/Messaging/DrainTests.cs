using System.Net.WebSockets;
using Im.WebApi.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class DrainTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly Connections _connections = new();
    private readonly Drain _drain;

    public DrainTests() => _drain = new Drain(_connections, _clock);

    public void Dispose() => _drain.Dispose();

    [Fact]
    public void Sockets_are_told_to_go_when_the_drain_begins_and_no_sooner()
    {
        var socket = Open();
        Assert.False(_drain.HasBegun);
        Assert.Null(socket.CloseStatus);

        _drain.Begin();

        Assert.True(_drain.HasBegun);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
    }

    [Fact]
    public void Many_sockets_are_told_one_after_the_other_so_that_they_do_not_all_come_back_at_once()
    {
        var sockets = Enumerable.Range(0, 1000).Select(_ => Open()).ToList();

        _drain.Begin();

        Assert.InRange(sockets.Count(IsTold), 1, 10);
        _clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.True(SpinWait.SpinUntil(() => sockets.Count(IsTold) >= 500, Limit));
        Assert.InRange(sockets.Count(IsTold), 500, 510);
        _clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.True(SpinWait.SpinUntil(() => AreAllTold(sockets), Limit));
    }

    [Fact]
    public void What_is_open_nine_seconds_after_the_beginning_is_aborted()
    {
        _drain.Begin();
        var late = Open();

        _clock.Advance(TimeSpan.FromSeconds(8.9));
        Assert.False(late.Aborted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(SpinWait.SpinUntil(() => late.Aborted, Limit));
    }

    /// <summary>The drain may read the clock before the test moves it and begin its wait after: the clock goes on.</summary>
    private bool AreAllTold(List<FakeSocket> sockets)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        return sockets.TrueForAll(IsTold);
    }

    private static bool IsTold(FakeSocket socket) => socket.CloseStatus is not null;

    private FakeSocket Open()
    {
        var socket = new FakeSocket(_clock);
        _connections.Add(socket.Connection);
        return socket;
    }
}
