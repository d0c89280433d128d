using Im.WebApi.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class FrameRateTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Two_seconds_worth_may_come_at_once_and_then_so_many_a_second()
    {
        var rate = new FrameRate(4, _clock);

        Assert.Equal(8, Taken(rate));
        _clock.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(1, Taken(rate));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4, Taken(rate));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(8, Taken(rate));
    }

    [Fact]
    public void What_is_refused_costs_nothing()
    {
        var rate = new FrameRate(1, _clock);
        Taken(rate);
        for (var i = 0; i < 4; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.25));
            Assert.Equal(i == 3, rate.TryTake());
        }
    }

    [Fact]
    public void One_bad_frame_more_than_the_limit_within_a_minute_is_too_many()
    {
        var bad = new BadFrameCount(2, _clock);

        Assert.False(bad.Add());
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(bad.Add());
        Assert.True(bad.Add());
        Assert.True(bad.Add());
    }

    [Fact]
    public async Task Reader_and_writer_may_count_at_once_and_no_bad_frame_is_lost()
    {
        using var clock = new Meeting();
        var bad = new BadFrameCount(1, clock);
        Assert.False(bad.Add());
        clock.Now = TimeSpan.FromMinutes(1);

        // Both find that a new minute has begun; only one of them begins it.
        var tooMany = await Task.WhenAll(Task.Run(bad.Add, TestContext.Current.CancellationToken), Task.Run(bad.Add, TestContext.Current.CancellationToken));

        Assert.Equal([false, true], tooMany.Order());
    }

    [Fact]
    public void Bad_frames_are_forgotten_after_a_minute()
    {
        var bad = new BadFrameCount(2, _clock);
        Assert.False(bad.Add());
        Assert.False(bad.Add());

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.False(bad.Add());
        Assert.False(bad.Add());
        Assert.True(bad.Add());
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var (rate, bad) = (new FrameRate(0, _clock), new BadFrameCount(0, _clock));

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(rate.TryTake()));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.False(bad.Add()));
    }

    private static int Taken(FrameRate rate)
    {
        var taken = 0;
        while (rate.TryTake())
        {
            taken++;
        }

        return taken;
    }

    /// <summary>A clock that whoever reckons with it leaves together with another one, if one comes soon.</summary>
    private sealed class Meeting : TimeProvider, IDisposable
    {
        private readonly Barrier _both = new(2);

        public TimeSpan Now { get; set; }

        public override long TimestampFrequency
        {
            get
            {
                _both.SignalAndWait(TimeSpan.FromMilliseconds(200));
                return TimeSpan.TicksPerSecond;
            }
        }

        public override long GetTimestamp() => Now.Ticks;

        public void Dispose() => _both.Dispose();
    }
}
