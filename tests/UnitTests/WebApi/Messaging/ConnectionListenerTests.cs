using System.Globalization;
using System.Text;
using Im.Application.Messaging;
using Im.WebApi.Messaging;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class ConnectionListenerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeSocket _socket = new(new FakeTimeProvider());
    private readonly ConnectionListener _listener = new();

    [Fact]
    public async Task What_was_published_before_there_was_a_connection_reaches_it_in_order_then_what_comes_after()
    {
        _listener.OnEvent(Signal(1));
        _listener.OnEvent(Signal(2));
        Assert.Empty(_socket.Frames);

        _listener.Bind(_socket.Connection);
        _listener.OnEvent(Signal(3));

        Assert.Equal(["1", "2", "3"], Signals());
        await _socket.Sessions.DidNotReceive().TouchAsync(Talk.Ann, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task So_much_is_kept_and_the_sweep_finds_the_rest()
    {
        for (var seq = 1; seq <= 100; seq++)
        {
            _listener.OnEvent(Talk.Stored(seq, seq));
        }

        _listener.Bind(_socket.Connection);

        Assert.Equal(64, _socket.Frames.Count(frame => frame.StartsWith("message", StringComparison.Ordinal)));
        await _socket.Sessions.Received(1).TouchAsync(Talk.Ann, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_by_what_is_published_while_the_connection_takes_over()
    {
        for (var race = 0; race < 100; race++)
        {
            using var socket = new FakeSocket(new FakeTimeProvider());
            await RaceAsync(socket, new ConnectionListener());
        }
    }

    public void Dispose() => _socket.Dispose();

    private static SessionEvent.SignalSent Signal(int number) => new(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    private IEnumerable<string> Signals() => _socket.Frames.Where(frame => frame.All(char.IsAsciiDigit));

    private static async Task RaceAsync(FakeSocket socket, ConnectionListener listener)
    {
        const int messages = 60;
        using var start = new Barrier(2);
        var publishing = Task.Run(() =>
        {
            start.SignalAndWait();
            for (var seq = 1; seq <= messages; seq++)
            {
                listener.OnEvent(Talk.Stored(seq, seq));
            }
        });

        start.SignalAndWait();
        listener.Bind(socket.Connection);
        await publishing.WaitAsync(Limit);

        // The writer may still be at it; it ends with the last message.
        Assert.True(SpinWait.SpinUntil(() => socket.Frames.Contains($"message {messages}{messages}}}"), Limit));
        Assert.Equal(
            Enumerable.Range(1, messages).Select(seq => $"message {seq}{seq}}}"),
            socket.Frames.Where(frame => frame.StartsWith("message", StringComparison.Ordinal)));
    }
}
