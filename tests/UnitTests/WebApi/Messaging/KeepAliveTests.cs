using Im.Application.Messaging;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class KeepAliveTests : IDisposable
{
    private readonly FakeTransport _transport = new();
    private readonly CorkedStream _stream;

    public KeepAliveTests() => _stream = new CorkedStream(_transport);

    public void Dispose() => _stream.Dispose();

    [Fact]
    public async Task A_client_that_answers_is_pinged_at_every_interval()
    {
        var alive = Alive(ping: 15, answer: 15);
        for (var pings = 1; pings <= 3; pings++)
        {
            await ListenAsync();
            Assert.True(alive.Visit());
            Assert.Equal(pings, _transport.Writes.Count(write => write == FakeTransport.Ping));
            await HearAsync();
        }
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_given_up_when_the_time_for_its_answer_is_over_and_not_before()
    {
        var alive = Alive(ping: 20, answer: 60);
        await ListenAsync();

        Assert.True(alive.Visit());
        Assert.True(alive.Visit());
        Assert.True(alive.Visit());
        Assert.False(alive.Visit());
        Assert.Equal([FakeTransport.Ping], _transport.Writes);
    }

    [Fact]
    public async Task Whatever_comes_from_a_client_is_an_answer()
    {
        var alive = Alive(ping: 15, answer: 15);
        await ListenAsync();
        Assert.True(alive.Visit());

        _transport.Arrive(new string('x', 5000));
        await _stream.ReadExactlyAsync(new byte[5000], TestContext.Current.CancellationToken);
        await ListenAsync();

        Assert.True(alive.Visit());
        Assert.Equal([FakeTransport.Ping, FakeTransport.Ping], _transport.Writes);
        Assert.False(alive.Visit());
    }

    [Fact]
    public async Task Where_nobody_reads_silence_is_not_the_clients_fault()
    {
        var alive = Alive(ping: 15, answer: 15);
        await HearAsync();

        for (var visit = 0; visit < 5; visit++)
        {
            Assert.True(alive.Visit());
        }

        await ListenAsync();
        Assert.False(alive.Visit());
    }

    [Theory]
    [InlineData(15, 15, 15, 1, 1)]
    [InlineData(60, 15, 15, 4, 1)]
    [InlineData(15, 60, 15, 1, 4)]
    [InlineData(20, 15, 5, 4, 3)]
    [InlineData(3600, 1, 1, 3600, 1)]
    [InlineData(1.5, 1, 1, 2, 1)]
    [InlineData(15.001, 15, 1, 16, 15)]
    public void Visits_are_as_rare_as_both_times_allow(double ping, double answer, double visits, int toPing, int toAnswer)
    {
        var rhythm = Rhythm(ping, answer);

        Assert.Equal((TimeSpan.FromSeconds(visits), toPing, toAnswer), (rhythm.Visits, rhythm.VisitsToPing, rhythm.VisitsToAnswer));
    }

    private static KeepAlive.Rhythm Rhythm(double ping, double answer) =>
        new(new MessagingOptions { PingInterval = TimeSpan.FromSeconds(ping), PingTimeout = TimeSpan.FromSeconds(answer) });

    private KeepAlive Alive(int ping, int answer) => new(_stream, Rhythm(ping, answer));

    /// <summary>The reader waits.</summary>
    private async Task ListenAsync() => Assert.Equal(0, await _stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));

    /// <summary>The client says something, and it is read.</summary>
    private async Task HearAsync()
    {
        _transport.Arrive("x");
        await _stream.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
    }
}
