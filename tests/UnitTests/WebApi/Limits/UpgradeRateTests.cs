using Im.WebApi.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Limits;

public sealed class UpgradeRateTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Two_seconds_worth_is_taken_at_once_and_then_a_seconds_worth_in_a_second()
    {
        var rate = Rate(100);

        Assert.Equal(200, Taken(rate, 1000));
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(50, Taken(rate, 1000));
    }

    [Fact]
    public void A_crowd_that_comes_back_when_it_is_told_gets_in_in_little_more_time_than_it_takes()
    {
        // Five thousand at once, and a hundred a second: 48 s at best.
        var rate = Rate(100);
        var due = new PriorityQueue<int, TimeSpan>(Enumerable.Range(0, 5000).Select(client => (client, TimeSpan.Zero)));
        var (now, tries) = (TimeSpan.Zero, 0);
        while (due.TryDequeue(out var client, out var at))
        {
            _clock.Advance(at - now);
            (now, tries) = (at, tries + 1);
            if (rate.Take() is { } away)
            {
                due.Enqueue(client, at + TimeSpan.FromSeconds(Math.Ceiling(away.TotalSeconds)));
            }
        }

        Assert.InRange(now, TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(96));
        Assert.InRange(tries, 5000, 25_000);
    }

    [Fact]
    public void Nobody_is_sent_away_for_longer_than_the_longest_while()
    {
        var rate = Rate(1);
        var away = Enumerable.Range(0, 10_000).Select(_ => rate.Take()).OfType<TimeSpan>().ToList();

        Assert.InRange(away.Max(), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(UpgradeRate.LongestWait + 2));
        Assert.InRange(away.Distinct().Count(), 5000, int.MaxValue);
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.Equal(10_000, Taken(Rate(0), 10_000));

    private static int Taken(UpgradeRate rate, int times) => Enumerable.Range(0, times).Count(_ => rate.Take() is null);

    private UpgradeRate Rate(int perSecond) => new(new LimitsOptions { ConnectionsPerSecond = perSecond }, _clock, new Random(7));
}
