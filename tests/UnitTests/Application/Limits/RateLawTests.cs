using CsCheck;
using Im.Application.Limits;

namespace Im.UnitTests.Application.Limits;

/// <summary>The laws of a rate, for any number and any moments.</summary>
public sealed class RateLawTests
{
    private static readonly Gen<(int Number, long[] Steps)> Runs = Gen.Select(Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 500]), Gen.Long[0, 90_000_000].Array[1, 200]);

    [Fact]
    public void In_no_time_happens_more_than_what_may_at_once_and_what_the_time_allows() => Runs.Sample((number, steps) =>
    {
        var rate = Rate.PerMinute("", number);
        var taken = Take(rate, steps).Where(taken => taken.Wait == 0).Select(taken => taken.At).ToList();
        for (var first = 0; first < taken.Count; first++)
        {
            for (var last = first; last < taken.Count; last++)
            {
                Assert.InRange(last - first + 1, 1, number + ((taken[last] - taken[first]) / rate.Period));
            }
        }
    });

    [Fact]
    public void A_refusal_names_the_very_moment_from_which_on_it_may_happen() => Runs.Sample((number, steps) =>
    {
        var rate = Rate.PerMinute("", number);
        foreach (var (at, wait, rested) in Take(rate, steps).Where(taken => taken.Wait > 0))
        {
            var early = rested;
            Assert.Equal(1, rate.Take(ref early, at + wait - 1));
            Assert.Equal(rested, early);
            Assert.Equal(0, rate.Take(ref early, at + wait));
        }
    });

    [Fact]
    public void Who_comes_no_faster_than_the_rate_is_never_refused() => Runs.Sample((number, steps) =>
    {
        var rate = Rate.PerMinute("", number);
        long now = 0;
        long rested = 0;
        Assert.All(steps, step => Assert.Equal(0, rate.Take(ref rested, now += step + rate.Period)));
    });

    [Fact]
    public void A_clock_that_is_set_back_makes_nobody_wait_longer_than_for_one() => Gen.Select(Gen.Int[1, 500], Gen.Long[1, long.MaxValue / 4]).Sample((number, ahead) =>
    {
        var rate = Rate.PerMinute("", number);
        var rested = ahead + rate.Span;
        Assert.InRange(rate.Take(ref rested, 0), 0, rate.Period);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    [InlineData(1_000_000)]
    public void A_minutes_number_may_happen_at_once_and_no_more(int number)
    {
        var rate = Rate.PerMinute("", number);
        long rested = 0;
        for (var i = 0; i < number; i++)
        {
            Assert.Equal(0, rate.Take(ref rested, 5));
        }

        Assert.InRange(rate.Take(ref rested, 5), 1, rate.Period);
        Assert.InRange((double)number * rate.Period, 60_000_000, 60_000_000 + number);
    }

    private static List<(long At, long Wait, long Rested)> Take(Rate rate, long[] steps)
    {
        long now = 0;
        long rested = 0;
        return [.. steps.Select(step =>
        {
            // A little too fast, so that in the end everything is used up.
            now += step % (rate.Period * 6 / 5);
            return (now, rate.Take(ref rested, now), rested);
        })];
    }
}
